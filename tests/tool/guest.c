/* A process that attaches, and says what it sees when it is asked. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/overlay.h"
#include "control/attach.h"
#include "policy/image.h"
#include "tool.h"

static void show_overlay(void)
{
    static _Thread_local char text[LIMIT_LIST];
    struct overlay o;
    int result = overlay_read(text, &o);
    if (result != 0)
        printf("%s\n", result == -EAGAIN ? "again" : "none");
    else
        printf("%s %.*s\n", o.off ? "off" : "on", (int)o.len, text);
    fflush(stdout);
}

/* --- a second thread, which reads when it is told ------------------------------------------- */

static pthread_t second;
static pthread_barrier_t turn;

static void *second_thread(void *unused)
{
    printf("%ld\n", syscall(SYS_gettid));
    fflush(stdout);
    pthread_barrier_wait(&turn);
    for (;;) {
        pthread_barrier_wait(&turn);
        show_overlay();
        pthread_barrier_wait(&turn);
    }
    return unused;
}

static void start_second(void)
{
    pthread_barrier_init(&turn, NULL, 2);
    pthread_create(&second, NULL, second_thread, NULL);
    pthread_barrier_wait(&turn);
}

/* --- what it may be told -------------------------------------------------------------------- */

/* The length of their image, whether any ever came, and what they add. */
static void show_settings(void)
{
    static _Alignas(16) char image[LIMIT_IMAGE + IMAGE_ROOM];
    static const struct surroundings here;
    char set[LIMIT_LIST], fallback[LIMIT_LIST];
    uint64_t generation;
    struct policy *p = NULL;
    long len = overlay_settings(image, LIMIT_IMAGE, &generation);
    if (len > 0 && policy_adopt(image, (size_t)len, &here, NULL, &p) != IMAGE_GOOD)
        len = -1;
    size_t of_set = baggage_format(policy_set(p), MEMBERS_ALL, set, sizeof set);
    size_t of_default = baggage_format(policy_default(p), MEMBERS_ALL, fallback, sizeof fallback);
    printf("%s %d %.*s %.*s\n",
           len > 0    ? "some"
           : len == 0 ? "none"
                      : "bad",
           overlay_settings_generation() != 0, (int)of_set, set, (int)of_default, fallback);
}

static void renew(void)
{
    control_renew();
    printf("%s\n", overlay_generation() ? "attached" : "alone");
}

static void in_child(void)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        printf("child %d: ", overlay_generation() != 0);
        renew();
        printf("child: ");
        show_overlay();
        count_add(COUNT_inbound, 1000);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

/* How long the calls of a while take that find no agent. */
static void renew_often(void)
{
    struct timespec from, to;
    double most = 0;
    for (int i = 0; i < 3000; i++) {
        clock_gettime(CLOCK_MONOTONIC, &from);
        control_renew();
        clock_gettime(CLOCK_MONOTONIC, &to);
        double ms =
            (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        most = ms > most ? ms : most;
        usleep(1000);
    }
    printf("%.1f %llu\n", most, (unsigned long long)counter_read(COUNT_control_failed));
}

static void attribute_words(char *word)
{
    char *bytes = strtok(NULL, " \n");
    attribute_bytes(attribute(SPAN("tenant-id"), span_of(word), ATTRIBUTED_OUT),
                    ATTRIBUTED_OUT_BYTES, bytes ? strtoul(bytes, NULL, 10) : 0);
}

static bool tell(char *line)
{
    char *what = strtok(line, " \n"), *word = strtok(NULL, " \n");
    if (!what)
        return true;
    if (strcmp(what, "read") == 0)
        show_overlay();
    else if (strcmp(what, "thread") == 0)
        start_second();
    else if (strcmp(what, "tread") == 0)
        pthread_barrier_wait(&turn), pthread_barrier_wait(&turn);
    else if (strcmp(what, "settings") == 0)
        show_settings();
    else if (strcmp(what, "renew") == 0)
        renew();
    else if (strcmp(what, "often") == 0)
        renew_often();
    else if (strcmp(what, "fork") == 0)
        in_child();
    else if (strcmp(what, "count") == 0 && word)
        count_add(COUNT_requests_socket, strtoul(word, NULL, 10));
    else if (strcmp(what, "tenant") == 0 && word)
        attribute_words(word);
    else if (strcmp(what, "fds") == 0)
        (void)!system("ls -l /proc/$PPID/fd | grep -c -e memfd -e socket");
    else
        return false;
    fflush(stdout);
    return true;
}

int tool_guest(const char *socket)
{
    static char line[512];
    control_attach(socket);
    printf("%d %s\n", getpid(), overlay_generation() ? "attached" : "alone");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin))
        if (!tell(line))
            return 2;
    return 0;
}

/* Many of them, which only sit there until standard input ends. */
int tool_crowd(const char *socket, int count)
{
    int told[2], attached = 0;
    char yes;
    if (pipe(told) != 0)
        return 2;
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (child < 0)
            return 2;
        if (child > 0)
            continue;
        close(told[0]);
        for (int try = 0; !control_attach(socket) && try < 100; try++)
            usleep(50000);
        yes = overlay_generation() ? 'y' : 'n';
        if (write(told[1], &yes, 1) != 1)
            _exit(1);
        while (read(STDIN_FILENO, &yes, 1) > 0)
            ;
        _exit(0);
    }
    close(told[1]);
    for (int i = 0; i < count && read(told[0], &yes, 1) == 1; i++)
        attached += yes == 'y';
    printf("%d\n", attached);
    fflush(stdout);
    while (wait(NULL) > 0)
        ;
    return 0;
}
