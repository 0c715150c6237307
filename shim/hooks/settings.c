/* The settings reader brings libconfig with it, so it is loaded for as long as a file is read, in a
 * scope of its own, and never by a program that names no file. The verifier of tokens stays, if
 * there are any to verify. */
#include <dlfcn.h>

#include "base/log.h"
#include "context/settings.h"
#include "hooks/hooks.h"
#include "hooks/real.h"
#include "policy/inbound.h"
#include "settings/settings.h"
#include "settings/verify.h"

#define READER "libbellhop-settings.so"
#define TOKENS "libbellhop-token.so"

typedef __typeof__(bellhop_settings_load) load_fn;
typedef __typeof__(bellhop_token_verifier) verifier_fn;

static void report(void *arg, const char *file, int line, bool is_error, const char *message)
{
    enum log_level level = is_error ? LOG_ERROR : LOG_WARN;
    char text[LIMIT_LOG_LINE];
    struct buf b = buf_over(text, sizeof text);
    (void)arg;
    if (!log_wants(level))
        return;
    buf_puts(&b, file);
    buf_putc(&b, ':');
    buf_putu(&b, (unsigned long)line);
    buf_puts(&b, ": ");
    buf_puts(&b, message);
    log_write(level, buf_span(&b));
}

/* Beside the shim, wherever that was loaded from. `name` ends in a NUL of its own. */
static bool sibling_path(struct buf *path, struct span name)
{
    Dl_info info;
    if (!dladdr((const void *)(uintptr_t)sibling_path, &info) || !info.dli_fname)
        return false;
    const char *slash = strrchr(info.dli_fname, '/');
    if (slash)
        buf_put(path, span_make(info.dli_fname, (size_t)(slash + 1 - info.dli_fname)));
    buf_put(path, name);
    return !path->cut;
}

static void *load_sibling(struct span name)
{
    static char storage[LIMIT_PATH]; /* only the constructor comes here */
    struct buf path = buf_over(storage, sizeof storage);
    dlopen_fn *open = real_dlopen();
    return open && real_dlsym() && sibling_path(&path, name) ? open(storage, RTLD_NOW | RTLD_LOCAL)
                                                             : NULL;
}

const struct token_verifier *hooks_load_verifier(void)
{
    void *tokens = load_sibling(SPAN(TOKENS "\0"));
    verifier_fn *get =
        tokens ? (verifier_fn *)real_dlsym()(tokens, "bellhop_token_verifier") : NULL;
    const struct token_verifier *v = get ? get(VERIFIER_ABI) : NULL;
    if (!v)
        log_say(LOG_ERROR, "settings: " TOKENS " cannot be loaded; no token is believed");
    return v;
}

static void bring_verifier(struct policy *policy)
{
    const struct token_verifier *v = hooks_load_verifier();
    policy_set_verifier(policy, v);
    settings_verify_by(v);
}

struct policy *hooks_load_settings(const char *file)
{
    struct policy *policy = NULL;
    void *reader = load_sibling(SPAN(READER "\0"));
    if (!reader) {
        log_say(LOG_ERROR, "settings: " READER " cannot be loaded; no baggage is carried");
        return NULL;
    }
    load_fn *load = (load_fn *)real_dlsym()(reader, "bellhop_settings_load");
    if (load)
        policy = load(SETTINGS_ABI, file, report, NULL);
    dlclose(reader);
    if (policy_needs_verifier(policy))
        bring_verifier(policy);
    return policy;
}
