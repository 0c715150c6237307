/* Any bytes as a settings file: a policy, or at least one error; never an exit, a leak or a wait.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/draft.h"
#include "settings/settings.h"

/* libconfig 1.5 forgets a string that it was reading when it meets a syntax error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\n";
}

static void count(void *arg, const char *file, int line, bool is_error, const char *message)
{
    (void)file;
    *(int *)arg += is_error;
    if (line < 0 || !*message || strpbrk(message, "\r\n"))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static char path[64];
    int errors = 0;
    if (fd < 0) {
        fd = memfd_create("settings", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    struct policy *p = bellhop_settings_load(SETTINGS_ABI, path, count, &errors);
    if (!p == !errors)
        abort();
    policy_free(p);
    return 0;
}
