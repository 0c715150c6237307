/* bellhop-metrics SOCKET ADDRESS:PORT FD: serves the agent's metrics over HTTP. Started by `bellhop
 * agent --metrics`; writes a byte to FD when it is ready. */
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/client.h"

#define MOST_CONNECTIONS 64
#define IDLE_SECONDS     10
#define TYPE             "application/openmetrics-text; version=1.0.0; charset=utf-8"

static struct asking agent;

void say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("bellhop-metrics: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

static void put_text(void *file, const struct wire_in *in)
{
    struct span text = wire_find(in, BELLHOP_TAG_TEXT);
    if (text.len)
        fwrite(text.at, 1, text.len, file);
}

/* The document, to be freed; NULL: there is no agent, or no memory. */
static char *ask(size_t *len)
{
    char storage[64], *text = NULL;
    FILE *file = open_memstream(&text, len);
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_METRICS, 2);
    if (!file)
        return NULL;
    int status = client_do(&agent, wire_end(&w), -1, put_text, file, NULL);
    if (fclose(file) == 0 && status == EXIT_OK)
        return text;
    free(text);
    return NULL;
}

static enum MHD_Result answer_empty(struct MHD_Connection *c, unsigned status)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = r ? MHD_queue_response(c, status, r) : MHD_NO;
    if (r)
        MHD_destroy_response(r);
    return result;
}

static enum MHD_Result answer(void *unused, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *body,
                              size_t *body_len, void **state)
{
    size_t len;
    (void)unused;
    (void)version;
    (void)body;
    (void)state;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return *body_len ? MHD_NO : answer_empty(c, MHD_HTTP_METHOD_NOT_ALLOWED);
    if (strcmp(url, "/metrics") != 0)
        return answer_empty(c, MHD_HTTP_NOT_FOUND);
    char *text = ask(&len);
    if (!text)
        return answer_empty(c, MHD_HTTP_SERVICE_UNAVAILABLE);
    struct MHD_Response *r = MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
    if (!r) {
        free(text);
        return MHD_NO;
    }
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, TYPE);
    enum MHD_Result result = MHD_queue_response(c, MHD_HTTP_OK, r);
    MHD_destroy_response(r);
    return result;
}

/* Numbers only: no name service is asked. */
static struct addrinfo *address_of(const char *where)
{
    char host[128];
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                              .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    const char *colon = strrchr(where, ':');
    size_t len = colon ? (size_t)(colon - where) : 0;
    if (len > 2 && where[0] == '[' && where[len - 1] == ']') {
        where++;
        len -= 2;
    }
    if (!colon || !len || len >= sizeof host)
        return NULL;
    memcpy(host, where, len);
    host[len] = 0;
    return getaddrinfo(host, colon + 1, &hints, &found) == 0 ? found : NULL;
}

static struct MHD_Daemon *serve(const struct addrinfo *at)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD;
    if (at->ai_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    return MHD_start_daemon(flags, 0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR, at->ai_addr,
                            MHD_OPTION_CONNECTION_LIMIT, MOST_CONNECTIONS,
                            MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_END);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        say("it is started by bellhop agent --metrics");
        return EXIT_USAGE;
    }
    struct addrinfo *at = address_of(argv[2]);
    if (!at) {
        say("--metrics '%s' is no ADDRESS:PORT such as 127.0.0.1:9464", argv[2]);
        return EXIT_FAULT;
    }
    agent.control = argv[1];
    int ready = atoi(argv[3]);
    signal(SIGPIPE, SIG_IGN);
    if (!serve(at)) {
        say("cannot serve at %s: %s", argv[2], strerror(errno));
        return EXIT_FAULT;
    }
    if (write(ready, "1", 1) != 1)
        return EXIT_FAULT;
    close(ready);
    for (;;)
        pause();
}
