#include "cli/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_file(const char *path, char *out, size_t max)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, out, max - 1);
    if (fd >= 0)
        close(fd);
    if (len >= 0)
        out[len] = 0;
    return len;
}

bool proc_stat(pid_t pid, pid_t tid, struct proc_stat *out)
{
    char path[64], text[1024];
    unsigned long long start;
    if (tid)
        snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, tid);
    else
        snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (read_file(path, text, sizeof text) <= 0)
        return false;
    const char *after = strrchr(text, ')'); /* the name before it may hold anything */
    char state;
    /* Fields 3, 4, 20, 22 of proc(5). */
    if (!after || sscanf(after + 1,
                         " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld "
                         "%*d %llu",
                         &state, &out->parent, &out->threads, &start) != 4)
        return false;
    out->start = start;
    return state != 'Z' && state != 'X';
}

bool proc_user(pid_t pid, uid_t *out)
{
    char path[64], text[4096];
    unsigned effective;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    if (read_file(path, text, sizeof text) <= 0)
        return false;
    /* The name, which stands before it, has no line ends: they are escaped. */
    const char *line = strstr(text, "\nUid:");
    if (!line || sscanf(line, "\nUid: %*u %u", &effective) != 1)
        return false;
    *out = effective;
    return true;
}

void proc_exe(pid_t pid, char *out, size_t max)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    ssize_t len = readlink(path, out, max - 1);
    if (len <= 0)
        len = snprintf(out, max, "?");
    out[len] = 0;
}

bool proc_environment(pid_t pid, const char *name, char *out, size_t max)
{
    char path[64];
    size_t name_len = strlen(name), room = 0;
    ssize_t got;
    char *line = NULL;
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/environ", pid);
    FILE *file = fopen(path, "re");
    while (file && !found && (got = getdelim(&line, &room, 0, file)) > 0) {
        if (strncmp(line, name, name_len) == 0 && line[name_len] == '=')
            found = snprintf(out, max, "%s", line + name_len + 1) < (int)max;
    }
    free(line);
    if (file)
        fclose(file);
    return found;
}
