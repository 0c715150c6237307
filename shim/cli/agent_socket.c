#include "cli/agent_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/cli.h"

#define SYSTEMD_FIRST 3
#define BACKLOG       4096
#define LOCK_TRIES    50

static char made_path[SOCKET_PATH];
static struct stat made;

bool socket_default(char *path)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (geteuid() == 0) {
        mkdir("/run/bellhop", 0755);
        strcpy(path, "/run/bellhop/bellhop.sock");
        return true;
    }
    if (!runtime || *runtime != '/' ||
        snprintf(path, SOCKET_PATH, "%s/bellhop.sock", runtime) >= SOCKET_PATH) {
        say("XDG_RUNTIME_DIR names no directory for the socket; give --control");
        return false;
    }
    return true;
}

/* Where others can put and replace files, nothing can be promised. */
static bool folder_is_safe(const char *path)
{
    char folder[SOCKET_PATH];
    struct stat st;
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    slash[slash == folder] = 0;
    if (stat(folder, &st) != 0) {
        say("\"%s\": %s", folder, strerror(errno));
        return false;
    }
    bool ours = st.st_uid == geteuid() || st.st_uid == 0;
    if (ours && (!(st.st_mode & 022) || st.st_mode & S_ISVTX))
        return true;
    say("\"%s\" can be written to by others: that is no place for the socket", folder);
    return false;
}

/* One that was killed a moment ago may still be on its way out. */
static bool lock_soon(int fd)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        usleep(20000);
    }
    return false;
}

/* Held as long as this process lives. */
static bool lock(const char *path)
{
    char name[SOCKET_PATH + 8];
    struct stat st;
    snprintf(name, sizeof name, "%s.lock", path);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid()) {
        say("\"%s\" cannot be used: %s", name, fd < 0 ? strerror(errno) : "it is not ours");
    } else if (!lock_soon(fd)) {
        say("another agent listens at \"%s\"", path);
    } else {
        return true;
    }
    if (fd >= 0)
        close(fd);
    return false;
}

static bool is_free(const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0 || S_ISSOCK(st.st_mode))
        return true;
    say("\"%s\" is there and is no socket", path);
    return false;
}

/* It appears under its name when all is in place. */
static bool publish(int fd, const char *path, mode_t mode, gid_t group)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s.new", path);
    unlink(address.sun_path);
    mode_t before = umask(0177);
    bool bound = bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    umask(before);
    if (bound && (group == (gid_t)-1 || chown(address.sun_path, (uid_t)-1, group) == 0) &&
        chmod(address.sun_path, mode) == 0 && listen(fd, BACKLOG) == 0 &&
        lstat(address.sun_path, &made) == 0 && rename(address.sun_path, path) == 0)
        return true;
    say("cannot listen at \"%s\": %s", path, strerror(errno));
    if (bound)
        unlink(address.sun_path);
    return false;
}

int socket_listen(const char *path, mode_t mode, gid_t group)
{
    if (*path != '/' || strlen(path) >= SOCKET_PATH) {
        say("the socket \"%s\" needs an absolute path of less than %d bytes", path, SOCKET_PATH);
        return -1;
    }
    if (!folder_is_safe(path) || !lock(path) || !is_free(path))
        return -1;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        say("cannot make a socket: %s", strerror(errno));
    if (fd >= 0 && publish(fd, path, mode, group)) {
        strcpy(made_path, path);
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

void socket_remove(void)
{
    struct stat st;
    if (*made_path && lstat(made_path, &st) == 0 && st.st_ino == made.st_ino &&
        st.st_dev == made.st_dev)
        unlink(made_path);
    *made_path = 0;
}

int socket_inherited(char *path)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    struct sockaddr_un address = { 0 };
    socklen_t len = sizeof address, type_len = sizeof(int);
    int type = 0, fd = SYSTEMD_FIRST;
    if (!pid || !fds || atol(pid) != getpid() || atoi(fds) < 1)
        return -1;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) != 0 || type != SOCK_SEQPACKET ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0 || address.sun_family != AF_UNIX ||
        snprintf(path, SOCKET_PATH, "%s", address.sun_path) >= SOCKET_PATH) {
        say("the socket of the service manager is no Unix socket of sequential packets");
        return SOCKET_WRONG;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

void socket_notify(const char *state)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (!name || (*name != '/' && *name != '@') || strlen(name) >= sizeof address.sun_path)
        return;
    strcpy(address.sun_path, name);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    if (*name == '@')
        address.sun_path[0] = 0;
    else
        len++;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, len);
    close(fd);
}
