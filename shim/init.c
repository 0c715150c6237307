/* The composition root: reads the environment, loads the settings if any are named, and makes what
 * the process carries. Whatever fails here leaves the shim passing everything through. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "carrier/environment.h"
#include "carrier/inlet.h"
#include "context/request.h"
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

static void start(const struct settings_env *env, char **argv)
{
    struct process_start p = {
        .observed = env->control || log_wants(LOG_DEBUG),
        .propagate_baggage = env->propagate_baggage,
        .propagate_trace = env->propagate_trace,
        .baggage = env->baggage,
        .traceparent = env->traceparent,
        .tracestate = env->tracestate,
    };
    struct rlimit64 files;
    const char *reason = NULL;
    struct capture *cgi;
    static char room[POLICY_ARGUMENTS];
    struct buf arguments = buf_over(room, sizeof room);
    static char exe[LIMIT_PATH]; /* once, and too large for some stacks */
    long exe_len = syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", exe, sizeof exe);
    whose_start(&world);
    p.exe = span_make(exe, exe_len > 0 ? (size_t)exe_len : 0);
    if (env->config && !(p.policy = hooks_load_settings(env->config))) {
        log_say(LOG_ERROR, "the settings file cannot be used; no baggage is carried");
        return;
    }
    policy_arguments(argv, &arguments);
    if (!policy_wants_program(p.policy, p.exe, buf_span(&arguments), &reason)) {
        log_say(LOG_INFO, reason ? reason : "settings leave this program alone");
        return;
    }
    if (syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &files) == 0 && files.rlim_cur > 1024)
        fds_reserve(files.rlim_cur);
    if (!process_start(&p)) {
        log_say(LOG_ERROR, "no memory; no baggage is carried");
        return;
    }
    if (env->cgi && environment_cgi(environ, &cgi))
        process_is_request(cgi);
    fds_inherited(env->passed);
    if (env->control)
        control_attach(env->control);
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
