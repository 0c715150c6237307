/* Runtimes load what they need by themselves, and wrappers run others: what no table of an ELF file
 * tells. */
#include "cli/doctor.h"

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"

/* In a pattern, the folder of the program comes first, and % is its file's name. */
static const struct {
    const char *mark;
    const char *patterns[4];
} modules[] = {
    { "python", { "../lib/%/lib-dynload/_ssl.*so", "../lib/%/lib-dynload/_socket.*so" } },
    { "php", { "../lib/php/2*/curl.so", "../lib/php/2*/openssl.so" } },
    { "ruby",
      { "../lib/*-linux-gnu/ruby/[1-9]*/openssl.so", "../lib/*-linux-gnu/ruby/[1-9]*/socket.so",
        "../lib/ruby/[1-9]*/*-linux*/openssl.so", "../lib/ruby/[1-9]*/*-linux*/socket.so" } },
    { "perl",
      { "../lib/*-linux-gnu/perl5/5.*/auto/Net/SSLeay/SSLeay.so",
        "../lib/perl5/*/auto/Net/SSLeay/SSLeay.so" } },
    { "java", { "../lib/server/libjvm.so", "../lib/libnet.so", "../lib/libnio.so" } },
};

static const struct {
    const char *names; /* between spaces */
    const char *note;
} wrappers[] = {
    { " sudo su runuser doas pkexec ",
      "it runs another program in an environment of its own: put bellhop behind it (sudo bellhop "
      "run -- COMMAND), and ask about that command" },
    { " env nice nohup timeout setsid stdbuf xargs time strace ltrace gdb unshare chroot numactl "
      "taskset ionice chrt flock setpriv ",
      "it runs another program, which is preloaded as well: ask about that one" },
    { " docker podman kubectl systemd-run ssh machinectl lxc ",
      "what it starts runs elsewhere, and gets neither LD_PRELOAD nor BAGGAGE from here: set both "
      "there" },
    { " bash ", "what its echo and printf write to /dev/tcp is not carried: libc's stdio writes "
                "it, inside of "
                "libc" },
    { " sh dash bash zsh ksh fish make git ",
      "the programs that it runs are preloaded as well: ask about each" },
};

static void add_matches(struct objects *s, const char *pattern)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        struct object *o =
            objects_add(s, path, path, open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), 0);
        if (o)
            o->at_run_time = true;
    }
    globfree(&found);
}

/* The folder's name is a path, not a pattern. */
static void put_quoted(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("*?[\\", *text))
            buf_putc(out, '\\');
        buf_putc(out, *text);
    }
}

static void look_for(struct objects *s, char *program, const char *pattern)
{
    char path[2 * PATH_MAX];
    struct buf out = buf_over(path, sizeof path);
    char *name = strrchr(program, '/');
    *name = 0;
    put_quoted(&out, program);
    *name++ = '/';
    buf_putc(&out, '/');
    for (; *pattern; pattern++)
        if (*pattern == '%')
            put_quoted(&out, name);
        else
            buf_putc(&out, *pattern);
    buf_putc(&out, 0);
    if (!out.cut)
        add_matches(s, path);
}

void runtime_modules(struct objects *s)
{
    char program[PATH_MAX];
    if (!s->at[0]->path || !realpath(s->at[0]->path, program))
        return;
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        for (size_t k = 0; k < sizeof modules[i].patterns / sizeof *modules[i].patterns; k++)
            if (modules[i].patterns[k] &&
                mark_evidence(s, mark_find(modules[i].mark), NULL) == EVIDENCE_CERTAIN)
                look_for(s, program, modules[i].patterns[k]);
}

/* "exec /usr/lib/x/y ..." in a script of a shell: what it is a wrapper of. */
static void add_exec(struct lines *notes, const char *script, struct span line)
{
    struct span rest, word = SPAN("exec ");
    if (!span_starts(line, word))
        return;
    line = span_trim(span_make(line.at + word.len, line.len - word.len));
    word = span_cut(line, ' ', &rest);
    if (word.len && word.len < 200 && strchr("/$\"'", *word.at))
        lines_add(notes, "%s runs %.*s: ask about that", script, (int)word.len, word.at);
}

static void find_execs(struct lines *notes, const char *script)
{
    enum { MOST = 1 << 18, EXECS = 3 };
    char *text = malloc(MOST);
    int fd = open(script, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t len = text && fd >= 0 ? pread(fd, text, MOST, 0) : -1;
    struct span line, rest = span_make(text, len > 0 ? (size_t)len : 0);
    size_t most = notes->count + EXECS;
    while (rest.len && notes->count < most) {
        line = span_cut(rest, '\n', &rest);
        add_exec(notes, script, span_trim(line));
    }
    if (fd >= 0)
        close(fd);
    free(text);
}

void wrapper_notes(struct lines *notes, const char *path, const struct lines *scripts)
{
    char word[NAME_MAX + 3];
    const char *slash = strrchr(path, '/');
    snprintf(word, sizeof word, " %s ", slash ? slash + 1 : path);
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++)
        if (strstr(wrappers[i].names, word))
            lines_add(notes, "%s: %s", slash ? slash + 1 : path, wrappers[i].note);
    if (strstr(" sh dash bash zsh ksh ", word))
        for (size_t i = 0; i < scripts->count; i++)
            find_execs(notes, scripts->at[i]);
}
