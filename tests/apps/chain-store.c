/* B whose handlers share one connection to a store, with many questions under way on it:
 * chain-store HOW PORT C-PORT REDIS-PORT [greets]. A handler asks the store, then C. "greets": it
 * says hello to the store before it listens, as most do.
 *
 *   wait      a thread reads the store's answers and wakes the handlers
 *   callback  a thread reads the store's answers, and does the rest of the handler's work
 *   leader    a handler that waits reads for all, and does the rest of the others' work too
 *   lent      connections to the store are lent to one handler after the other */
#include "chain-ask.h"

enum { LENT = 6 };

struct job {
    struct chain_request request;
    struct chain_conn *conn;
    bool done;
    struct job *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, reading = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct job *first, **last = &first;
static struct chain_conn *store, *lent[LENT];
static int idle;
static const char *how;
static int store_port;
static bool greets;

static struct chain_conn *open_store(void)
{
    struct sockaddr_in addr = chain_address(store_port);
    struct chain_conn *conn = calloc(1, sizeof *conn);
    if (!conn)
        exit(1);
    conn->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(conn->fd, (void *)&addr, sizeof addr))
        exit(1);
    char answer[7];
    if (greets && (!chain_send(conn->fd, "PING\r\n", 6) ||
                   recv(conn->fd, answer, sizeof answer, MSG_WAITALL) != sizeof answer))
        exit(1);
    return conn;
}

static bool send_question(struct chain_conn *conn, const struct job *job)
{
    char text[2100];
    int n = snprintf(text, sizeof text, "ECHO %s\r\n", job->request.path);
    return chain_send(conn->fd, text, (size_t)n);
}

/* Whether an answer is there in full ("$8\r\n/back/12\r\n"); takes it out. */
static bool take_answer(struct chain_conn *conn)
{
    char *end = strstr(conn->buf, "\r\n");
    end = end ? strstr(end + 2, "\r\n") : NULL;
    if (end)
        chain_take(conn, (size_t)(end + 2 - conn->buf));
    return end;
}

static void ask_store(struct job *job)
{
    pthread_mutex_lock(&lock);
    job->done = false;
    job->next = NULL;
    *last = job;
    last = &job->next;
    send_question(store, job);
    pthread_mutex_unlock(&lock);
}

/* The job whose answer is there, or NULL. */
static struct job *answered(void)
{
    if (!take_answer(store))
        return NULL;
    pthread_mutex_lock(&lock);
    struct job *job = first;
    first = job->next;
    if (!first)
        last = &first;
    pthread_mutex_unlock(&lock);
    return job;
}

static void set_done(struct job *job)
{
    pthread_mutex_lock(&lock);
    job->done = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static bool is_done(struct job *job)
{
    pthread_mutex_lock(&lock);
    bool done = job->done;
    pthread_mutex_unlock(&lock);
    return done;
}

static void go_on(struct job *job, struct chain_client *client)
{
    char answer[1024];
    ssize_t n = chain_ask(client, job->request.path, answer, sizeof answer);
    chain_reply(job->conn->fd, &job->request, answer, n < 0 ? 0 : (size_t)n);
}

static void *reader(void *arg)
{
    struct chain_client *client = chain_client_new();
    while (chain_fill(store)) {
        struct job *job;
        while ((job = answered())) {
            if (!strcmp(how, "callback"))
                go_on(job, client);
            set_done(job);
        }
    }
    exit(1);
    return arg;
}

static void wait_for_it(struct job *job)
{
    pthread_mutex_lock(&lock);
    while (!job->done)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void lead(struct job *job, struct chain_client *client)
{
    pthread_mutex_lock(&reading);
    while (!is_done(job)) {
        struct job *other = answered();
        if (other) {
            go_on(other, client);
            set_done(other);
        } else if (!chain_fill(store)) {
            exit(1);
        }
    }
    pthread_mutex_unlock(&reading);
}

static void ask_lent(struct job *job)
{
    pthread_mutex_lock(&lock);
    while (!idle)
        pthread_cond_wait(&changed, &lock);
    struct chain_conn *conn = lent[--idle];
    pthread_mutex_unlock(&lock);
    if (!send_question(conn, job))
        exit(1);
    while (!take_answer(conn))
        if (!chain_fill(conn))
            exit(1);
    pthread_mutex_lock(&lock);
    lent[idle++] = conn;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void handle(struct job *job, struct chain_client *client)
{
    if (!strcmp(how, "lent")) {
        ask_lent(job);
        go_on(job, client);
        return;
    }
    ask_store(job);
    if (!strcmp(how, "leader")) {
        lead(job, client);
        return;
    }
    wait_for_it(job);
    if (!strcmp(how, "wait"))
        go_on(job, client);
}

static void *on_connection(void *arg)
{
    struct chain_client *client = chain_client_new();
    struct job job = { .conn = calloc(1, sizeof *job.conn) };
    if (!job.conn)
        exit(1);
    job.conn->fd = (int)(intptr_t)arg;
    while (chain_read_head(job.conn, &job.request)) {
        handle(&job, client);
        if (!job.request.keep)
            break;
    }
    chain_disconnect(client);
    close(job.conn->fd);
    free(job.conn);
    free(client);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 5 && argc != 6)
        return 2;
    greets = argc == 6;
    how = argv[1];
    chain_c_port = atoi(argv[3]);
    store_port = atoi(argv[4]);
    store = open_store();
    while (idle < LENT)
        lent[idle++] = open_store();
    if (!strcmp(how, "wait") || !strcmp(how, "callback"))
        chain_start(reader, NULL);
    int listener = chain_listen(argv[2]);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0)
            chain_start(on_connection, (void *)(intptr_t)fd);
    }
}
