/* The request framer on a typical head, as the write path meets it: in one piece, with a watch
 * table of usual size. Prints `http.request_head <ns> <GB/s>`, and the same for the head in two
 * pieces, for a head with its own baggage, and for a body of 16 kB, which is stepped over. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "http/request.h"

static const char head[] = "GET /api/v1/orders?customer=12345&limit=50 HTTP/1.1\r\n"
                           "Host: orders.internal.example.com:8080\r\n"
                           "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101\r\n"
                           "Accept: application/json, text/plain, */*\r\n"
                           "Accept-Encoding: gzip, deflate, br\r\n"
                           "Accept-Language: en-US,en;q=0.5\r\n"
                           "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n"
                           "X-Request-Id: 7f3b1c9e-2b1d-4a7e-9f60-1d2c3b4a5968\r\n"
                           "Connection: keep-alive\r\n"
                           "\r\n";
static const char own[] = "GET / HTTP/1.1\r\nHost: a.example\r\n"
                          "baggage: user-id=user-12345,tenant-id=abcde;p=1\r\n"
                          "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
                          "\r\n";

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Returns the number of DONEs. */
static unsigned drive(struct http_request *r, struct span in)
{
    struct http_piece piece;
    unsigned done = 0;

    do {
        const size_t n = http_request_next(r, in, &piece);

        done += piece.event == HTTP_DONE;
        in = span_make(in.at + n, in.len - n);
    } while (piece.event != HTTP_MORE && piece.event != HTTP_OPAQUE);
    return done;
}

static void measure(const char *name, struct http_request *r, struct span in, size_t cut)
{
    enum { ROUNDS = 20000, TRIES = 15 };
    double best = 1e18;

    for (int try = 0; try < TRIES; try++) {
        const double start = now();
        unsigned done = 0;

        for (int i = 0; i < ROUNDS; i++) {
            if (cut)
                done += drive(r, span_make(in.at, cut));
            done += drive(r, span_make(in.at + cut, in.len - cut));
        }
        if (done != ROUNDS) {
            fprintf(stderr, "%s: %u requests of %d\n", name, done, ROUNDS);
            exit(1);
        }
        if ((now() - start) / ROUNDS < best)
            best = (now() - start) / ROUNDS;
    }
    printf("%s %.1f %.2f\n", name, best, (double)in.len / best);
}

int main(void)
{
    static const char *const forward[] = { "x-request-id", "x-b3-traceid", "x-tenant", "b3" };
    static char body[16384 + 128];
    struct http_watch watch;
    struct http_request r;
    int n;

    http_watch_init(&watch);
    for (size_t i = 0; i < sizeof forward / sizeof *forward; i++)
        http_watch_add(&watch, span_of(forward[i]));
    http_request_init(&r, &watch);
    measure("http.request_head", &r, span_of(head), 0);
    measure("http.request_head_in_two", &r, span_of(head), 200);
    measure("http.request_own_baggage", &r, span_of(own), 0);
    n = snprintf(body, sizeof body, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 16384\r\n\r\n");
    measure("http.request_body_16k", &r, span_make(body, (size_t)n + 16384), 0);
    return 0;
}
