/* The settings reader needs libconfig, so it is loaded for as long as a file is read, in a scope of
 * its own, and never by a program that names no file. */
#include <dlfcn.h>

#include "base/log.h"
#include "hooks/hooks.h"
#include "hooks/real.h"
#include "settings/settings.h"

#define READER "libbellhop-settings.so"

typedef __typeof__(bellhop_settings_load) load_fn;

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

/* Beside the shim, wherever that was loaded from. */
static bool reader_path(struct buf *path)
{
    Dl_info info;
    if (!dladdr((const void *)(uintptr_t)reader_path, &info) || !info.dli_fname)
        return false;
    const char *slash = strrchr(info.dli_fname, '/');
    if (slash)
        buf_put(path, span_make(info.dli_fname, (size_t)(slash + 1 - info.dli_fname)));
    buf_put(path, SPAN(READER "\0"));
    return !path->cut;
}

struct policy *hooks_load_settings(const char *file)
{
    static char storage[LIMIT_PATH]; /* only the constructor comes here */
    struct buf path = buf_over(storage, sizeof storage);
    struct policy *policy = NULL;
    dlopen_fn *open = real_dlopen();
    dlsym_fn *find = real_dlsym();
    void *reader = open && find && reader_path(&path) ? open(storage, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!reader) {
        log_say(LOG_ERROR, "settings: " READER " cannot be loaded; no baggage is carried");
        return NULL;
    }
    load_fn *load = (load_fn *)find(reader, "bellhop_settings_load");
    if (load)
        policy = load(SETTINGS_ABI, file, report, NULL);
    dlclose(reader);
    return policy;
}
