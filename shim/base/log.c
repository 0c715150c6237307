#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/attachment.h"
#include "base/hot.h"
#include "base/limits.h"

HOT enum log_level log_threshold;
static char log_path[LIMIT_PATH];

static const char *const level_names[] = { "off", "error", "warn", "info", "debug" };

static bool path_store(struct span path)
{
    struct buf b = buf_over(log_path, sizeof log_path - 1);
    if (path.len == 0)
        return false;
    if (path.at[0] != '/' && getcwd(log_path, sizeof log_path)) {
        b.len = strlen(log_path);
        buf_putc(&b, '/');
    }
    buf_put(&b, path);
    log_path[b.len] = '\0';
    return !b.cut;
}

bool log_open(const char *spec)
{
    struct span path;
    struct span level = span_cut(span_of(spec), ':', &path);
    for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
        if (span_equal_nocase(level, span_of(level_names[i])) && path_store(path)) {
            log_threshold = (enum log_level)i;
            return true;
        }
    }
    return false;
}

static void put_padded(struct buf *b, unsigned long value, unsigned width)
{
    unsigned long limit = 1;
    for (unsigned i = 1; i < width; i++)
        limit *= 10;
    for (; limit > value && limit > 1; limit /= 10)
        buf_putc(b, '0');
    buf_putu(b, value);
}

static void put_head(struct buf *b, enum log_level level)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_REALTIME, &now);
    buf_putu(b, (unsigned long)now.tv_sec);
    buf_putc(b, '.');
    put_padded(b, (unsigned long)now.tv_nsec / 1000, 6);
    buf_puts(b, " bellhop[");
    buf_putu(b, (unsigned long)syscall(SYS_getpid));
    buf_puts(b, "] ");
    buf_puts(b, level_names[level]);
    buf_puts(b, ": ");
}

/* Direct system calls: the functions of these names are hooks of ours. */
static void append(struct span line)
{
    long fd = syscall(SYS_openat, AT_FDCWD, log_path,
                      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640);
    if (fd < 0)
        return;
    (void)!syscall(SYS_write, fd, line.at, line.len);
    syscall(SYS_close, fd);
}

void log_write(enum log_level level, struct span text)
{
    char line[LIMIT_LOG_LINE];
    struct buf b = buf_over(line, sizeof line - 1);
    int saved = errno;
    if (!log_wants(level) || atomic_load_explicit(&attachment_confined, memory_order_relaxed))
        return;
    put_head(&b, level);
    if (text.len > b.max - b.len)
        text.len = b.max - b.len;
    size_t from = b.len;
    buf_put(&b, text);
    for (size_t i = from; i < b.len; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    line[b.len++] = '\n';
    append(buf_span(&b));
    errno = saved;
}

void log_say(enum log_level level, const char *text)
{
    if (log_wants(level))
        log_write(level, span_of(text));
}
