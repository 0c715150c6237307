/* The composition root: reads the environment, loads the settings if any are named, and makes what
 * the process carries. Whatever fails here leaves the shim passing everything through. */
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/hot.h"
#include "base/log.h"
#include "carrier/environment.h"
#include "carrier/inlet.h"
#include "context/request.h"
#include "context/settings.h"
#include "control/attach.h"
#include "hooks/fds.h"
#include "hooks/hooks.h"
#include "hooks/symbols.h"
#include "settings/settings.h"

static const struct whose_world world = {
    .request_is_alive = request_is_alive,
    .request_inlet = request_inlet,
    .request_reader = request_reader,
    .inlet_is_open = inlet_is_open,
};

static HOT struct surroundings program;

/* The program as execve was told of it, without a look at /proc, which is a fifth of what a start
 * costs; empty: that was something else. Interpreters get the path of their script among the first
 * of their arguments, and a descriptor has no name. */
static struct span told_by_kernel(char **argv)
{
    static AT_START const char dev[] = "/dev/", proc[] = "/proc/";
    const char *path = (const char *)getauxval(AT_EXECFN);
    if (!path || strncmp(path, dev, strlen(dev)) == 0 || strncmp(path, proc, strlen(proc)) == 0)
        return SPAN("");
    for (int i = 0; i < 8 && argv[i]; i++)
        if (i > 0 && strcmp(argv[i], path) == 0)
            return SPAN("");
    return span_of(path);
}

static struct span path_of_program(void)
{
    static char exe[LIMIT_PATH]; /* once, and too large for stacks */
    long len = syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", exe, sizeof exe);
    return span_make(exe, len > 0 ? (size_t)len : 0);
}

/* What patterns and values of settings may ask of this program; without any, its name will do. */
static void look_around(const struct settings_env *env, char **argv)
{
    static char arguments[POLICY_ARGUMENTS];
    struct buf b = buf_over(arguments, sizeof arguments);
    bool asked = env->config || env->control;
    program.exe = asked ? SPAN("") : told_by_kernel(argv);
    if (!program.exe.len)
        program.exe = path_of_program();
    if (!asked)
        return;
    policy_arguments(argv, &b);
    program.arguments = buf_span(&b);
}

/* Before the settings are looked at: those of an agent stand in the place of the file. */
static void find_agent(const char *control)
{
    static struct utsname names;
    if (syscall(SYS_uname, &names) == 0)
        program.hostname = span_of(names.nodename);
    program.environment = settings_env_copy();
    if (!settings_follow(&program))
        log_say(LOG_ERROR, "no memory for settings of an agent; those of the start stay");
    control_attach(control);
}

static bool take_from_agent(void)
{
    settings_renew(overlay_generation());
    if (settings_state() == SETTINGS_VERIFIER) {
        settings_verify_by(hooks_load_verifier());
        settings_forget();
        settings_renew(overlay_generation());
    }
    return settings_state() == SETTINGS_TAKEN;
}

/* The policy of the file, if one is named. False: nothing is carried. */
static bool read_file(const struct settings_env *env, const struct policy **policy)
{
    const char *reason;
    *policy = NULL;
    if (!env->config) /* what is left alone without any was asked before */
        return true;
    *policy = hooks_load_settings(env->config);
    if (!*policy) {
        log_say(LOG_ERROR, "the settings file cannot be used; no baggage is carried");
        return false;
    }
    bool wanted = policy_wants_program(*policy, program.exe, program.arguments, &reason);
    if (!wanted)
        log_say(LOG_INFO, reason);
    return wanted;
}

/* The agent's cannot be used here. */
static bool settle(const struct settings_env *env)
{
    const struct policy *policy;
    bool carries = read_file(env, &policy);
    return process_settle(policy, !carries);
}

/* Where an agent may say otherwise later, a program that carries nothing is one nevertheless. */
static bool carry(const struct settings_env *env)
{
    struct process_start p = {
        .observed = env->control || log_wants(LOG_DEBUG),
        .propagate_baggage = env->propagate_baggage,
        .propagate_trace = env->propagate_trace,
        .exe = program.exe,
        .arguments = program.arguments,
        .baggage = env->baggage,
        .traceparent = env->traceparent,
        .tracestate = env->tracestate,
    };
    bool by_agent = env->control && overlay_settings_generation() != 0;
    p.off = by_agent; /* until there are rules: threads may be there already */
    if (!by_agent && !read_file(env, &p.policy)) {
        if (!env->control)
            return false;
        p.off = true;
    }
    bool done = process_start(&p);
    if (done && by_agent && !take_from_agent())
        done = settle(env);
    if (!done)
        log_say(LOG_ERROR, "no memory; no baggage is carried");
    return done;
}

static void start(const struct settings_env *env, char **argv)
{
    struct rlimit64 files;
    const char *reason;
    struct capture *cgi;
    whose_start(&world);
    look_around(env, argv);
    if (!policy_wants_program(NULL, program.exe, program.arguments, &reason)) {
        log_say(LOG_INFO, reason);
        return;
    }
    if (env->control)
        find_agent(env->control);
    if (!carry(env))
        return;
    if (syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &files) == 0 && files.rlim_cur > 1024)
        fds_reserve(files.rlim_cur);
    if (env->cgi && environment_cgi(environ, &cgi))
        process_is_request(cgi);
    fds_inherited(env->passed);
    log_say(LOG_INFO, "ready");
}

/* The loader hands constructors what it hands main. */
__attribute__((constructor)) static void init(int argc, char **argv)
{
    (void)argc;
    struct settings_env env;
    symbols_start();
    settings_env_read(&env);
    if (env.log)
        log_open(env.log);
    if (env.unknown.len)
        log_say(LOG_WARN, "OTEL_PROPAGATORS names a propagator that is not known here");
    if (env.disabled)
        log_say(LOG_INFO, "disabled by BELLHOP_DISABLED");
    else
        start(&env, argv);
}
