/* Programs that the shim stays out of. */
#include "base/buf.h"
#include "base/hot.h"
#include "policy/draft.h"
#include "policy/glob.h"
#include "policy/profile.h"
#include "policy/rules.h"
#include "policy/template.h"

/* Tables without pointers: those would be relocated at each start. */
enum why { DEBUGS, TRACES, STARTS, SPEAKS_DBUS, CONFINES, HOLDS_KEYS, IS_PRIVILEGED };
static const char reasons[][80] = {
    [DEBUGS] = "a debugger works on other processes, and its own connections are to them",
    [TRACES] = "a tracer or profiler must not be seen in what it shows",
    [STARTS] = "it starts the system, and speaks D-Bus",
    [SPEAKS_DBUS] = "its connections carry D-Bus and descriptors, never HTTP",
    [CONFINES] = "its children confine themselves to few system calls; nothing of it is HTTP",
    [HOLDS_KEYS] = "it holds keys, and nothing of it is HTTP",
    [IS_PRIVILEGED] = "it works with others' privileges",
};
static AT_START const struct {
    char name[12];
    enum why why;
} left_alone[] = {
    { "gdb", DEBUGS },         { "gdbserver", DEBUGS },     { "lldb", DEBUGS },
    { "strace", TRACES },      { "ltrace", TRACES },        { "perf", TRACES },
    { "systemd", STARTS },     { "init", STARTS },          { "dbus-daemon", SPEAKS_DBUS },
    { "sshd", CONFINES },      { "ssh-agent", HOLDS_KEYS }, { "gpg-agent", HOLDS_KEYS },
    { "sudo", IS_PRIVILEGED }, { "su", IS_PRIVILEGED },     { "login", IS_PRIVILEGED },
};

static const char *reason_of(struct span exe_path)
{
    struct span name = profile_base_name(exe_path);
    if (name.len == 0 || name.len >= sizeof left_alone->name)
        return NULL;
    for (size_t i = 0; i < sizeof left_alone / sizeof *left_alone; i++)
        if (strncmp(left_alone[i].name, name.at, name.len) == 0 && !left_alone[i].name[name.len])
            return reasons[left_alone[i].why];
    return NULL;
}

void policy_arguments(char *const argv[], struct buf *out)
{
    for (int i = 1; argv && argv[0] && argv[i] && out->len < out->max; i++) {
        struct span s = span_of(argv[i]);
        if (i > 1)
            buf_putc(out, ' ');
        buf_put(out, s.len > out->max - out->len ? span_make(s.at, out->max - out->len) : s);
    }
}

/* "PROGRAM", or "PROGRAM ARGUMENTS": what stands behind the first space is for all arguments. */
static bool matches(struct span pattern, struct span exe_path, struct span arguments)
{
    struct span rest;
    struct span program = span_cut(pattern, ' ', &rest);
    return program_matches(program, exe_path) && (!rest.at || glob_match(rest, arguments));
}

static bool some_match(const struct policy *p, struct range r, struct span exe, struct span args)
{
    for (uint32_t i = 0; i < r.count; i++)
        if (matches(p->texts[r.at + i], exe, args))
            return true;
    return false;
}

const char *policy_choice_fault(struct span pattern)
{
    struct span rest;
    struct span program = span_cut(pattern, ' ', &rest);
    const char *fault = policy_program_fault(program);
    return fault || !rest.at ? fault : glob_fault(rest);
}

bool policy_wants_program(const struct policy *p, struct span exe_path, struct span arguments,
                          const char **reason)
{
    const char *why = reason_of(exe_path);
    if (!why && p && p->include.count && !some_match(p, p->include, exe_path, arguments))
        why = "\"include\" of \"programs\" does not have it";
    if (!why && p && some_match(p, p->exclude, exe_path, arguments))
        why = "\"exclude\" of \"programs\" has it";
    if (reason)
        *reason = why;
    return !why;
}
