/* Settings for programs that are running. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/record.h"
#include "policy/policy.h"
#include "settings/settings.h"

static char text[LIMIT_CONTROL_SETTINGS + 1];

/* What is in the file now: what is checked is what is sent. */
static bool read_text(const char *name, struct span *out)
{
    struct stat st;
    size_t len = 0;
    ssize_t got = 0;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        while (len < sizeof text && (got = read(fd, text + len, sizeof text - len)) > 0)
            len += (size_t)got;
    else if (fd >= 0)
        errno = EINVAL, got = -1;
    else
        got = -1;
    if (got < 0)
        say("\"%s\" cannot be read: %s", name, strerror(errno));
    else if (len == sizeof text)
        say("\"%s\" is longer than %d bytes", name, LIMIT_CONTROL_SETTINGS);
    if (fd >= 0)
        close(fd);
    *out = span_make(text, len);
    return got >= 0 && len < sizeof text;
}

/* A memfd that can change no more; -1: it cannot be made, which was said. */
static int seal(struct span all)
{
    int fd = memfd_create("bellhop-settings", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && write(fd, all.at, all.len) == (ssize_t)all.len &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
        return fd;
    say("the settings cannot be handed over: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* How many programs have them, will have them, and cannot. */
struct tally {
    unsigned taken, next, refused;
};

static void tally(void *arg, const struct wire_in *in)
{
    struct tally *t = arg;
    struct record r;
    if (!record_read(&r, in))
        return;
    if (r.rules == BELLHOP_RULES_CURRENT)
        t->taken++;
    else if (!r.attached || r.rules <= BELLHOP_RULES_NEXT)
        t->next++;
    else
        t->refused++;
}

static void show(const struct asking *a, uint32_t count, const struct tally *t)
{
    if (a->json)
        printf("{\"processes\":%u,\"taken\":%u,\"next\":%u,\"refused\":%u}\n", count, t->taken,
               t->next, t->refused);
    else
        printf("%u programs: %u have them, %u take them with their next request\n", count, t->taken,
               t->next);
    if (t->refused)
        say("%u programs keep those before: see 'bellhop ps'", t->refused);
}

static int hand_over(int agent, int settings, uint32_t *count, struct tally *t)
{
    char storage[64];
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_RELOAD, 2);
    int status = client_greet(agent) ? client_ask(agent, wire_end(&w), settings, NULL, NULL, count)
                                     : EXIT_NO_AGENT;
    if (status != EXIT_OK)
        return status;
    w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_PS, 3);
    return client_ask(agent, wire_end(&w), -1, tally, t, NULL);
}

static int send_settings(const struct asking *a, struct span all)
{
    struct tally t = { 0 };
    uint32_t count = 0;
    int settings = seal(all);
    if (settings < 0)
        return EXIT_FAULT;
    int agent = client_connect(a);
    int status = agent < 0 ? EXIT_NO_AGENT : hand_over(agent, settings, &count, &t);
    if (agent >= 0)
        close(agent);
    close(settings);
    if (status == EXIT_OK)
        show(a, count, &t);
    return status;
}

static int run(int argc, char **argv)
{
    struct asking a;
    struct span all;
    bool failed = false;
    int status = asking_take(&a, argc, argv, ASKING_JSON);
    if (status != EXIT_OK)
        return status;
    if (optind + 1 != argc) {
        say("it needs one settings file");
        return usage();
    }
    if (!read_text(argv[optind], &all))
        return EXIT_FAULT;
    policy_free(
        bellhop_settings_load_text_for_many(SETTINGS_ABI, argv[optind], all, print_fault, &failed));
    return failed ? EXIT_FAULT : send_settings(&a, all);
}

const struct command command_reload = {
    .name = "reload",
    .synopsis = "[--control SOCKET] [--json] FILE",
    .summary = "Gives running programs new settings",
    .help =
        "Checks the settings file as 'bellhop check' does. If it has no error, all programs of\n"
        "the agent go by it from their next request on, and those that come later from their\n"
        "start; it stands in the place of the file that BELLHOP_CONFIG names. A file with an\n"
        "error changes nothing. ${pid}, ${NAME} and the like are each program's own, as it was\n"
        "started; salt_file and key_file are read by the agent, and their secrets given to\n"
        "programs of the agent's own user alone. A program that cannot have the settings keeps\n"
        "those that it has, and 'bellhop ps' tells why: one that was started with no tokens to\n"
        "verify, for example, has no verifier.\n"
        "\n"
        "Exit codes: 0, 1 the file has errors, or the agent refuses, 2 the command line is\n"
        "wrong, 3 there is no agent.\n",
    .run = run,
};
