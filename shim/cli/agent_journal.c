/* The lines, where "-" stands for no members:
 *     fleet OFF MEMBERS
 *     process PID START UID OFF MEMBERS
 *     thread PID START TID TSTART MEMBERS
 */
#include "cli/agent_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/agent_text.h"
#include "cli/cli.h"

#define SLACK (1 << 20) /* bytes that may be written between one tidying and the next */

static char path[LIMIT_PATH], next_path[LIMIT_PATH + 8], settings_path[LIMIT_PATH + 8];
static int fd = -1;
static size_t written;

static const char *or_none(const char *members)
{
    return members ? members : "-";
}

static void put(const char *line, int len)
{
    if (fd < 0 || len <= 0)
        return;
    ssize_t put = write(fd, line, (size_t)len);
    written += put > 0 ? (size_t)put : 0;
}

static char line[LIMIT_LIST + 256];
#define PUT(...) put(line, snprintf(line, sizeof line, __VA_ARGS__))

void journal_fleet(void)
{
    PUT("fleet %d %s\n", book_fleet_off(), or_none(book_fleet()));
}

void journal_process(const struct process *p)
{
    PUT("process %d %llu %u %d %s\n", p->pid, (unsigned long long)p->start, (unsigned)p->uid,
        p->off, or_none(p->members));
}

void journal_thread(const struct process *p, const struct thread *t)
{
    PUT("thread %d %llu %d %llu %s\n", p->pid, (unsigned long long)p->start, t->tid,
        (unsigned long long)t->start, or_none(t->members));
}

/* --- reading -------------------------------------------------------------------------------- */

/* A line may be half of one. */
static char *members_of_line(const char *text, int at)
{
    return at > 0 && strcmp(text + at, "-") != 0 ? text_checked(span_of(text + at)) : NULL;
}

static void read_process(const char *text)
{
    int pid, off, at = 0;
    unsigned long long start;
    unsigned uid;
    if (sscanf(text, "process %d %llu %u %d %n", &pid, &start, &uid, &off, &at) != 4 || !at)
        return;
    struct process *p = book_enter(pid, uid, start);
    if (!p)
        return;
    p->off = off != 0;
    free(p->members);
    p->members = members_of_line(text, at);
}

static void read_thread(const char *text)
{
    int pid, tid, at = 0, error;
    unsigned long long start, thread_start;
    if (sscanf(text, "thread %d %llu %d %llu %n", &pid, &start, &tid, &thread_start, &at) != 4 ||
        !at)
        return;
    struct process *p = book_find(pid);
    if (!p || p->start != start)
        return;
    char *members = members_of_line(text, at);
    struct thread *t = book_thread(p, tid, members != NULL, &error);
    if (t && t->start == thread_start) {
        book_set(p, t, members);
        return;
    }
    free(members);
    if (t && !t->members)
        t->tid = 0;
}

static void read_line(char *text, size_t len)
{
    int off, at = 0;
    if (text[len - 1] != '\n')
        return;
    text[len - 1] = 0;
    if (sscanf(text, "fleet %d %n", &off, &at) == 1 && at) {
        book_set_fleet(members_of_line(text, at));
        book_set_fleet_off(off != 0);
    } else {
        read_process(text);
        read_thread(text);
    }
}

/* A file of ours, and of nobody who may have put it there. */
static int open_own(const char *name)
{
    struct stat st;
    int from = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (from < 0 || (fstat(from, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid()))
        return from;
    close(from);
    return -1;
}

static void read_journal(void)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t len;
    int from = open_own(path);
    FILE *file = from < 0 ? NULL : fdopen(from, "r");
    while (file && (len = getline(&text, &room, file)) > 0)
        read_line(text, (size_t)len);
    free(text);
    if (file)
        fclose(file);
}

static void read_settings(void)
{
    static char text[LIMIT_CONTROL_SETTINGS];
    int from = open_own(settings_path);
    ssize_t len = from < 0 ? -1 : read(from, text, sizeof text);
    if (len >= 0)
        book_set_settings(settings_path, span_make(text, (size_t)len));
    if (from >= 0)
        close(from);
}

/* --- writing -------------------------------------------------------------------------------- */

/* Ours alone, whatever had that name. */
static int create(const char *name)
{
    unlink(name);
    return open(name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static bool put_process(struct process *p, void *unused)
{
    (void)unused;
    journal_process(p);
    for (unsigned i = 0; i < p->threads; i++)
        if (p->thread[i].tid)
            journal_thread(p, &p->thread[i]);
    return true;
}

static bool write_anew(void)
{
    int before = fd;
    fd = create(next_path);
    if (fd < 0) {
        fd = before;
        return false;
    }
    written = 0;
    journal_fleet();
    book_each(put_process, NULL);
    if (before >= 0)
        close(before);
    written = 0;
    return rename(next_path, path) == 0;
}

void journal_tidy(void)
{
    if (fd >= 0 && written > SLACK)
        write_anew();
}

void journal_settings(void)
{
    struct span text = book_settings();
    int to = fd < 0 ? -1 : create(next_path);
    if (to < 0)
        return;
    bool whole = write(to, text.at, text.len) == (ssize_t)text.len;
    close(to);
    if (!whole || rename(next_path, settings_path) != 0)
        say("the settings cannot be kept in \"%s\": %m", settings_path);
}

bool journal_start(const char *at)
{
    if (!at)
        return true;
    if (snprintf(path, sizeof path, "%s", at) >= (int)sizeof path) {
        say("the journal's path is too long");
        return false;
    }
    snprintf(next_path, sizeof next_path, "%s.new", at);
    snprintf(settings_path, sizeof settings_path, "%s.conf", at);
    read_journal();
    read_settings();
    if (write_anew())
        return true;
    say("cannot write the journal \"%s\": %m", path);
    return false;
}
