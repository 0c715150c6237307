/* A TLS server in many threads, and clients that keep their connections, in one process: THREADS
 * CONNECTIONS REQUESTS. The program says how one connection is served, and how one asks. */
#include <signal.h>

#include "inbound-goes.h"

static void serves_one(int fd);
static void asks_one(int fd);

static unsigned threads, connections, requests;

static int next_id(void)
{
    static atomic_int ids;
    return atomic_fetch_add(&ids, 1);
}

static void *serves(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < connections; i++)
        serves_one(accepted());
    return NULL;
}

static void *asks_all(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < connections; i++)
        asks_one(client());
    return NULL;
}

static void serve_arguments(int argc, char **argv)
{
    must(argc >= 4, "arguments");
    threads = (unsigned)atoi(argv[1]);
    connections = (unsigned)atoi(argv[2]);
    requests = (unsigned)atoi(argv[3]);
    must(threads > 0 && threads <= 64, "threads");
    signal(SIGPIPE, SIG_IGN);
}

static void serve_all(void)
{
    pthread_t thread[2 * 64];
    ours = listening(&at[0]);
    theirs = listening(&at[1]);
    for (unsigned i = 0; i < threads; i++)
        must(pthread_create(&thread[2 * i], NULL, serves, NULL) == 0 &&
                 pthread_create(&thread[2 * i + 1], NULL, asks_all, NULL) == 0,
             "threads");
    for (unsigned i = 0; i < 2 * threads; i++)
        pthread_join(thread[i], NULL);
    printf("%u with their own baggage, %u without\n", with, without);
}
