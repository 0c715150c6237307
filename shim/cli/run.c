#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/agent.h"
#include "cli/agent_socket.h"
#include "cli/preload.h"
#include "cli/program.h"
#include "policy/policy.h"
#include "settings/settings.h"

enum { EXIT_CANNOT_RUN = 126, EXIT_MISSING = 127 };

/* The members of the command line, in order; one a slot. */
struct load {
    char text[LIMIT_MEMBERS][LIMIT_LIST];
    size_t len[LIMIT_MEMBERS];
    struct baggage list;
};

/* What the options ask for. The paths are absolute, as the program may change its directory. */
struct request {
    struct load load;
    char config[PATH_MAX];
    char control[PATH_MAX];
    char log[PATH_MAX];
    bool force;
    bool agent; /* one of our own, for as long as the program runs */
};

static void load_reparse(struct load *l, uint32_t slots)
{
    baggage_init(&l->list);
    for (uint32_t i = 0; i < slots; i++)
        baggage_parse(&l->list, span_make(l->text[i], l->len[i]));
}

/* A later option replaces an earlier one of the same key. */
static int load_add(struct load *l, const char *arg)
{
    static char text[LIMIT_LIST];
    const char *fault;
    struct span after;
    struct span key = span_trim(span_cut(span_of(arg), '=', &after));
    size_t len = member_from_text(span_of(arg), text, sizeof text, &fault);
    if (!len) {
        say("--baggage '%.*s' %s", key_len(arg), arg, fault);
        return EXIT_USAGE;
    }
    uint32_t count = l->list.count;
    int at = baggage_find(&l->list, key);
    uint32_t slot = at >= 0 ? (uint32_t)at : count;
    uint32_t slots = at >= 0 ? count : count + 1;
    if (slot < LIMIT_MEMBERS) {
        memcpy(l->text[slot], text, len);
        l->len[slot] = len;
        load_reparse(l, slots);
    }
    if (l->list.count == slots)
        return EXIT_OK;
    say("--baggage '%.*s' goes over the limit of %d members or %d bytes", key_len(arg), arg,
        LIMIT_MEMBERS, LIMIT_LIST);
    return EXIT_USAGE;
}

/* What BAGGAGE already held stays, behind ours, but for the keys that are ours. */
static bool load_export(const struct load *l)
{
    static char value[LIMIT_LIST + 1];
    static struct baggage before;
    if (l->list.count == 0)
        return true;
    baggage_init(&before);
    baggage_parse(&before, span_of(getenv("BAGGAGE")));
    member_set rest =
        baggage_fit(&before, baggage_missing(&before, &l->list), l->list.count, l->list.bytes);
    size_t len = baggage_format(&l->list, MEMBERS_ALL, value, LIMIT_LIST);
    if (rest && len + 1 < LIMIT_LIST) {
        value[len++] = ',';
        len += baggage_format(&before, rest, value + len, LIMIT_LIST - len);
    }
    value[len] = 0;
    return setenv("BAGGAGE", value, 1) == 0;
}

static int make_absolute(const char *option, const char *path, char *out)
{
    char cwd[PATH_MAX] = "";
    const char *slash = "";
    if (*path != '/') {
        if (!getcwd(cwd, sizeof cwd)) {
            say("%s '%s' is relative, and there is no current directory: %s", option, path,
                strerror(errno));
            return EXIT_FAULT;
        }
        slash = "/";
    }
    if (*path && snprintf(out, PATH_MAX, "%s%s%s", cwd, slash, path) < PATH_MAX)
        return EXIT_OK;
    say("%s needs a path, which is %s", option, *path ? "too long" : "empty");
    return EXIT_USAGE;
}

static int take_log(struct request *r, const char *spec)
{
    const char *colon = strchr(spec, ':');
    if (!colon || !log_open(spec)) {
        say("--log '%s' is not LEVEL:PATH with one of the levels error, warn, info, debug", spec);
        return EXIT_USAGE;
    }
    size_t level = (size_t)(colon + 1 - spec);
    static char path[PATH_MAX];
    int status = make_absolute("--log", colon + 1, path);
    if (status == EXIT_OK &&
        snprintf(r->log, sizeof r->log, "%.*s%s", (int)level, spec, path) >= (int)sizeof r->log) {
        say("--log needs a path, which is too long");
        status = EXIT_USAGE;
    }
    return status;
}

static int take_options(struct request *r, int argc, char **argv)
{
    static const struct option options[] = { { "baggage", required_argument, NULL, 'b' },
                                             { "config", required_argument, NULL, 'c' },
                                             { "control", required_argument, NULL, 's' },
                                             { "log", required_argument, NULL, 'l' },
                                             { "force", no_argument, NULL, 'f' },
                                             { "agent", no_argument, NULL, 'a' },
                                             { 0 } };
    int status = EXIT_OK;
    for (int o; status == EXIT_OK && (o = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
        switch (o) {
        case 'b':
            status = load_add(&r->load, optarg);
            break;
        case 'c':
            status = make_absolute("--config", optarg, r->config);
            break;
        case 's':
            status = make_absolute("--control", optarg, r->control);
            break;
        case 'l':
            status = take_log(r, optarg);
            break;
        case 'f':
            r->force = true;
            break;
        case 'a':
            r->agent = true;
            break;
        default:
            return usage();
        }
    }
    return status;
}

/* What has no effect is the business of `bellhop check`. */
static void print_error(void *arg, const char *file, int line, bool is_error, const char *message)
{
    if (is_error)
        print_fault(arg, file, line, is_error, message);
}

/* The shim would log a broken file, and the program would run without baggage: say it here. */
static bool config_is_good(const struct request *r)
{
    bool failed = false;
    if (!*r->config)
        return true;
    policy_free(bellhop_settings_load(SETTINGS_ABI, r->config, print_error, &failed));
    return !failed || r->force;
}

static bool set_environment(const struct request *r, const char *shim)
{
    const struct {
        const char *name, *value;
    } paths[] = { { "BELLHOP_CONFIG", r->config },
                  { "BELLHOP_CONTROL", r->control },
                  { "BELLHOP_LOG", r->log } };
    bool ok = load_export(&r->load);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (*paths[i].value)
            ok &= setenv(paths[i].name, paths[i].value, 1) == 0;
    if (!ok)
        say("out of memory");
    return ok && preload_set(shim);
}

/* 0, or what to exit with. */
static int diagnose(const struct request *r, const char *name, const char *shim)
{
    static struct program p;
    program_examine(&p, name, shim);
    if (p.fault == PROGRAM_OK)
        return EXIT_OK;
    if (p.fault == PROGRAM_NO_PRELOAD && r->force) {
        say("warning: %s; going on without baggage", p.why);
        return EXIT_OK;
    }
    say("%s%s", p.why, p.fault == PROGRAM_NO_PRELOAD ? " (--force runs it without baggage)" : "");
    return p.fault == PROGRAM_MISSING ? EXIT_MISSING : EXIT_CANNOT_RUN;
}

static int execute(char **command)
{
    execvp(*command, command);
    int err = errno;
    say("\"%s\" cannot be executed: %s", *command, strerror(err));
    return err == ENOENT ? EXIT_MISSING : EXIT_CANNOT_RUN;
}

/* A socket of our own, in a directory of our own, unless --control says where. */
static bool place_agent(struct request *r, char *folder)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    *folder = 0;
    if (*r->control)
        return true;
    if (!runtime || *runtime != '/' || strlen(runtime) > SOCKET_PATH / 2)
        runtime = "/tmp";
    snprintf(folder, PATH_MAX, "%s/bellhop-XXXXXX", runtime);
    if (!mkdtemp(folder)) {
        say("cannot make the directory \"%s\" for the agent: %s", folder, strerror(errno));
        return false;
    }
    snprintf(r->control, sizeof r->control, "%s/control.sock", folder);
    return true;
}

/* What the agent left beside its socket goes with it. */
static void remove_place(const struct request *r, const char *folder)
{
    static const char *const left[] = { ".lock" };
    char path[PATH_MAX + 8];
    if (!*folder)
        return;
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        snprintf(path, sizeof path, "%s%s", r->control, left[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* The agent is the parent, so that it is there before the program begins and as long as it runs. */
static int host(struct request *r, const char *shim, char **command)
{
    char folder[PATH_MAX];
    if (!place_agent(r, folder))
        return EXIT_FAULT;
    struct agent_options options = { .socket = r->control, .mode = 0600, .group = (gid_t)-1 };
    int status = EXIT_FAULT;
    pid_t child = -1;
    if (agent_start(&options) && (child = fork()) < 0)
        say("cannot start another process: %s", strerror(errno));
    if (child == 0)
        _exit(set_environment(r, shim) ? execute(command) : EXIT_FAULT);
    if (child > 0)
        status = agent_run(child);
    remove_place(r, folder);
    return status;
}

static int run(int argc, char **argv)
{
    static struct request r;
    char shim[PATH_MAX];
    int status = take_options(&r, argc, argv);
    if (status != EXIT_OK)
        return status;
    if (optind == argc) {
        say("a command to run is missing");
        return usage();
    }
    if (!config_is_good(&r) || !preload_find(shim, sizeof shim))
        return EXIT_FAULT;
    status = diagnose(&r, argv[optind], shim);
    if (status != EXIT_OK)
        return status;
    if (r.agent)
        return host(&r, shim, argv + optind);
    return set_environment(&r, shim) ? execute(argv + optind) : EXIT_FAULT;
}

const struct command command_run = {
    .name = "run",
    .synopsis = "[OPTION...] [--] COMMAND [ARGUMENT...]",
    .summary = "Runs a program whose requests carry baggage",
    .help =
        "  --baggage KEY=VALUE[;PROPERTY...]\n"
        "                     a member to carry; once for each. A value that is legal in a\n"
        "                     header, escapes like %20 included, is kept as it is; any other\n"
        "                     is taken for plain text and percent-encoded. Replaces a member\n"
        "                     of that key in the environment's BAGGAGE; the others stay.\n"
        "  --config FILE      settings, see bellhop.conf; BELLHOP_CONFIG of the program\n"
        "  --control SOCKET   BELLHOP_CONTROL of the program: where its agent listens\n"
        "  --agent            be the agent (see 'bellhop agent') of the program and all that it\n"
        "                     starts, until it ends; without --control, at a private socket,\n"
        "                     which 'bellhop set --pid' finds by itself\n"
        "  --log LEVEL:PATH   error, warn, info or debug; BELLHOP_LOG of the program\n"
        "  --force            run a program that cannot be reached (it is statically linked,\n"
        "                     setuid, not for glibc ...), or with a broken settings file,\n"
        "                     all the same: it will carry no baggage\n"
        "\n"
        "What LD_PRELOAD holds already is kept, after bellhop's library.\n"
        "\n"
        "Exit codes: that of COMMAND, or 1 something failed, 2 the command line is wrong,\n"
        "126 COMMAND cannot be executed or cannot carry baggage, 127 it was not found.\n",
    .run = run,
};
