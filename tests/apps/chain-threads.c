/* B in the ways that threads work together, each hard for who guesses whose call it is:
 * chain-threads HOW PORT C-PORT.
 *
 *   lent      a thread per connection; connections to C are lent to one thread after the other
 *   handover  a thread per connection reads, a worker asks C, the reader answers
 *   stages    so they do; a worker reads the body, then any worker asks C
 *   answer    one thread reads of all connections, workers ask C and answer
 *   helper    a thread per connection starts a thread for each call
 *   flight    handlers wait for the call of the first of them, then ask C themselves
 *   after     a thread per connection asks C once more when it has answered
 *   upgrade   a thread per connection; one that asks for it becomes another protocol's
 *
 * A thread started at once and one started by the first handler ask C on their own. */
#include <poll.h>

#include "chain-ask.h"

enum { WORKERS = 6, CLIENTS = 6, CONNS = 1024 };

struct job {
    struct chain_request request;
    struct chain_conn *conn;
    char answer[1024];
    ssize_t size;
    bool done, body_is_read;
    struct job *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct job *first, **last = &first;
static struct chain_client *clients[CLIENTS];
static int idle = CLIENTS;
static bool in_flight;
static unsigned flights;
static const char *how;

/* --- connections that are lent ------------------------------------------------------------ */

static struct chain_client *borrow(void)
{
    pthread_mutex_lock(&lock);
    while (!idle)
        pthread_cond_wait(&changed, &lock);
    struct chain_client *client = clients[--idle];
    pthread_mutex_unlock(&lock);
    return client;
}

static void give_back(struct chain_client *client)
{
    pthread_mutex_lock(&lock);
    clients[idle++] = client;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void ask_lent(struct job *job, const char *path)
{
    struct chain_client *client = borrow();
    job->size = chain_ask(client, path, job->answer, sizeof job->answer);
    give_back(client);
}

/* --- hand over to workers ----------------------------------------------------------------- */

static void put(struct job *job)
{
    pthread_mutex_lock(&lock);
    job->next = NULL;
    *last = job;
    last = &job->next;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static struct job *get(void)
{
    pthread_mutex_lock(&lock);
    while (!first)
        pthread_cond_wait(&changed, &lock);
    struct job *job = first;
    first = job->next;
    if (!first)
        last = &first;
    pthread_mutex_unlock(&lock);
    return job;
}

static void finish(struct job *job)
{
    pthread_mutex_lock(&lock);
    job->done = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void reply(struct job *job)
{
    chain_reply(job->conn->fd, &job->request, job->answer, job->size < 0 ? 0 : (size_t)job->size);
}

static void *worker(void *arg)
{
    struct chain_client *client = chain_client_new();
    for (;;) {
        struct job *job = get();
        if (!strcmp(how, "stages") && !job->body_is_read) {
            chain_skip_body(job->conn, &job->request);
            job->body_is_read = true;
            put(job);
            continue;
        }
        job->size = chain_ask(client, job->request.path, job->answer, sizeof job->answer);
        if (!strcmp(how, "answer"))
            reply(job);
        finish(job);
    }
    return arg;
}

static void hand_over(struct job *job)
{
    job->done = false;
    job->body_is_read = !job->request.length;
    put(job);
    pthread_mutex_lock(&lock);
    while (!job->done)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

/* --- a thread for each call ------------------------------------------------------------------ */

static void *helper(void *arg)
{
    struct job *job = arg;
    ask_lent(job, job->request.path);
    return NULL;
}

static void ask_in_thread(struct job *job)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, helper, job))
        exit(1);
    pthread_join(thread, NULL);
}

/* --- one call for all who want the same ----------------------------------------------------- */

static void lead(struct job *job)
{
    char path[2100];
    snprintf(path, sizeof path, "/also/%s", strchr(job->request.path + 1, '/') + 1);
    pthread_mutex_unlock(&lock);
    ask_lent(job, path);
    pthread_mutex_lock(&lock);
    in_flight = false;
    flights++;
    pthread_cond_broadcast(&changed);
}

static void fly(struct job *job)
{
    pthread_mutex_lock(&lock);
    if (!in_flight) {
        in_flight = true;
        lead(job);
    } else {
        unsigned before = flights;
        while (flights == before)
            pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    ask_lent(job, job->request.path);
}

/* --- another protocol ----------------------------------------------------------------------- */

/* Each message looks like a request, and makes B ask C; the answer is a line. */
static void upgraded(struct job *job)
{
    struct chain_client *client = chain_client_new();
    const char *accept = "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: chain\r\n\r\n";
    chain_send(job->conn->fd, accept, strlen(accept));
    while (chain_read_head(job->conn, &job->request)) {
        chain_ask(client, "/own/message", job->answer, sizeof job->answer);
        chain_send(job->conn->fd, "done\n", 5);
    }
    chain_disconnect(client);
    free(client);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void start_late(void)
{
    chain_start(chain_background, (void *)"/own/late");
}

static void handle(struct job *job)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_late);
    if (!strcmp(how, "handover") || !strcmp(how, "stages"))
        hand_over(job);
    else if (!strcmp(how, "flight"))
        fly(job);
    else if (!strcmp(how, "helper"))
        ask_in_thread(job);
    else
        ask_lent(job, job->request.path);
}

static void *on_connection(void *arg)
{
    struct job *job = calloc(1, sizeof *job);
    struct chain_conn *conn = calloc(1, sizeof *conn);
    if (!job || !conn)
        exit(1);
    job->conn = conn;
    conn->fd = (int)(intptr_t)arg;
    while (chain_read_head(conn, &job->request) &&
           (!strcmp(how, "stages") || chain_skip_body(conn, &job->request))) {
        handle(job);
        if (job->request.upgrade) {
            upgraded(job);
            break;
        }
        reply(job);
        if (!strcmp(how, "after"))
            ask_lent(job, "/own/after");
        if (!job->request.keep)
            break;
    }
    close(conn->fd);
    free(conn);
    free(job);
    return NULL;
}

static struct job *jobs[CONNS];
static struct pollfd polls[CONNS];

/* What is there of one connection; the worker answers, so that this thread reads on meanwhile. */
static bool read_on(int i)
{
    struct job *job = jobs[i];
    pthread_mutex_lock(&lock);
    bool done = job->done;
    pthread_mutex_unlock(&lock);
    if (!done)
        return true;
    if (!chain_fill(job->conn))
        return false;
    if (chain_head(job->conn, &job->request)) {
        job->done = false;
        put(job);
    }
    return true;
}

static void adopt(int fd, int *count)
{
    struct job *job = calloc(1, sizeof *job);
    struct chain_conn *conn = calloc(1, sizeof *conn);
    if (fd < 0 || !job || !conn || *count == CONNS)
        exit(1);
    job->done = true;
    job->conn = conn;
    conn->fd = fd;
    jobs[*count] = job;
    polls[(*count)++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static void one_reader(int listener)
{
    int count = 1;
    polls[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
    for (;;) {
        poll(polls, (nfds_t)count, -1);
        for (int i = count - 1; i > 0; i--)
            if (polls[i].revents && !read_on(i)) {
                close(polls[i].fd);
                jobs[i] = jobs[count - 1];
                polls[i] = polls[--count];
            }
        if (polls[0].revents)
            adopt(accept(listener, NULL, NULL), &count);
    }
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    how = argv[1];
    chain_c_port = atoi(argv[3]);
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = chain_client_new();
    for (int i = 0; i < WORKERS; i++)
        chain_start(worker, NULL);
    chain_start(chain_background, (void *)"/own/background");
    int listener = chain_listen(argv[2]);
    if (!strcmp(how, "answer"))
        one_reader(listener);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0)
            chain_start(on_connection, (void *)(intptr_t)fd);
    }
}
