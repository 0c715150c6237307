/* The framers on usual heads, as the hooks meet them: each in one piece, driven to its end. Prints
 * `http.NAME <ns> <GB/s>` a line. `http NAME COUNT` does COUNT turns of one and prints nothing, for
 * counting instructions. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "http/request.h"
#include "http/response.h"

#define API                                                                                        \
    "GET /api/v1/orders?customer=12345&limit=50 HTTP/1.1\r\n"                                      \
    "Host: orders.internal.example.com:8080\r\n"                                                   \
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101\r\n"                               \
    "Accept: application/json, text/plain, */*\r\n"                                                \
    "Accept-Encoding: gzip, deflate, br\r\n"                                                       \
    "Accept-Language: en-US,en;q=0.5\r\n"                                                          \
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n"                             \
    "X-Request-Id: 7f3b1c9e-2b1d-4a7e-9f60-1d2c3b4a5968\r\n"                                       \
    "Connection: keep-alive\r\n\r\n"
#define WRK "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"
#define CURL                                                                                       \
    "GET /status HTTP/1.1\r\nHost: service-b:8080\r\nUser-Agent: curl/7.88.1\r\n"                  \
    "Accept: */*\r\n\r\n"
#define BROWSER                                                                                    \
    "GET /shop/articles/4711?sort=price&page=2&per_page=40 HTTP/1.1\r\n"                           \
    "Host: www.shop.example.com\r\nConnection: keep-alive\r\nCache-Control: max-age=0\r\n"         \
    "sec-ch-ua: \"Chromium\";v=\"118\", \"Not=A?Brand\";v=\"99\"\r\n"                              \
    "sec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: \"Linux\"\r\n"                                    \
    "Upgrade-Insecure-Requests: 1\r\n"                                                             \
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "          \
    "Chrome/118.0.0.0 Safari/537.36\r\n"                                                           \
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"         \
    "image/apng,*/*;q=0.8\r\n"                                                                     \
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\n"            \
    "Sec-Fetch-Dest: document\r\n"                                                                 \
    "Referer: https://www.shop.example.com/shop/articles?sort=price&page=1\r\n"                    \
    "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"           \
    "Cookie: session=0123456789abcdef0123456789abcdef0123456789abcdef; theme=dark; consent=1; "    \
    "_ga=GA1.2.1234567890.1234567890; cart=eyJpdGVtcyI6WzEsMiwzXX0\r\n\r\n"
#define OWN                                                                                        \
    "GET / HTTP/1.1\r\nHost: a.example\r\nbaggage: user-id=user-12345,tenant-id=abcde;p=1\r\n"     \
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 16384\r\n\r\n"
#define NGINX                                                                                      \
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 08:00:00 GMT\r\n"           \
    "Content-Type: text/plain\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"
#define CHUNKED                                                                                    \
    "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 08:00:00 GMT\r\nServer: Apache/2.4.57\r\n"          \
    "Vary: Accept-Encoding\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n"    \
    "\r\n1c\r\n{\"status\":\"ok\",\"count\":1234}\r\n0\r\n\r\n"

enum way { REQUEST, IN_TWO, BODY, RESPONSE };

static const struct work {
    const char *name;
    enum way way;
    struct span in;
} works[] = {
    { "request_wrk", REQUEST, SPAN(WRK) },
    { "request_curl", REQUEST, SPAN(CURL) },
    { "request_head", REQUEST, SPAN(API) },
    { "request_browser", REQUEST, SPAN(BROWSER) },
    { "request_head_in_two", IN_TWO, SPAN(API) },
    { "request_own_baggage", REQUEST, SPAN(OWN) },
    { "request_body_16k", BODY, SPAN(POST) },
    { "response_small", RESPONSE, SPAN("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") },
    { "response_nginx", RESPONSE, SPAN(NGINX) },
    { "response_chunked", RESPONSE, SPAN(CHUNKED) },
};
enum { WORKS = sizeof works / sizeof *works, ROUNDS = 20000, TRIES = 15 };

static struct http_watch watch;
static struct http_request request;
static struct http_response response;
static char with_body[16384 + 128];

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* These return the number of DONEs. */
static unsigned drive(struct span in)
{
    struct http_piece piece;
    unsigned done = 0;

    do {
        const size_t n = http_request_next(&request, in, &piece);

        done += piece.event == HTTP_DONE;
        in = span_make(in.at + n, in.len - n);
    } while (piece.event != HTTP_MORE && piece.event != HTTP_OPAQUE);
    return done;
}

static unsigned answer(struct span in)
{
    struct http_piece piece;
    unsigned done = 0;

    http_response_expect(&response, HTTP_OTHER);
    do {
        const size_t n = http_response_next(&response, in, &piece);

        done += piece.event == HTTP_DONE;
        in = span_make(in.at + n, in.len - n);
    } while (piece.event != HTTP_MORE && piece.event != HTTP_OPAQUE);
    return done;
}

static unsigned turn(const struct work *w)
{
    switch (w->way) {
    case IN_TWO:
        return drive(span_make(w->in.at, 200)) + drive(span_make(w->in.at + 200, w->in.len - 200));
    case BODY:
        return drive(span_make(with_body, w->in.len + 16384));
    case RESPONSE:
        return answer(w->in);
    default:
        return drive(w->in);
    }
}

static void turns(const struct work *w, long count)
{
    long done = 0;

    if (w->way == BODY)
        memcpy(with_body, w->in.at, w->in.len);
    for (long i = 0; i < count; i++)
        done += turn(w);
    if (done != count) {
        fprintf(stderr, "%s: %ld messages of %ld\n", w->name, done, count);
        exit(1);
    }
}

static void measure(const struct work *w)
{
    double best = 1e18;

    for (int try = 0; try < TRIES; try++) {
        const double start = now();

        turns(w, ROUNDS);
        if ((now() - start) / ROUNDS < best)
            best = (now() - start) / ROUNDS;
    }
    printf("http.%s %.1f %.2f\n", w->name, best, (double)w->in.len / best);
}

int main(int argc, char **argv)
{
    static const char *const forward[] = { "x-request-id", "x-b3-traceid", "x-tenant", "b3" };

    http_watch_init(&watch);
    for (size_t i = 0; i < sizeof forward / sizeof *forward; i++)
        http_watch_add(&watch, span_of(forward[i]));
    http_request_init(&request, &watch);
    http_response_init(&response);
    for (int i = 0; i < WORKS; i++)
        if (argc == 3 && strcmp(argv[1], works[i].name) == 0)
            turns(&works[i], atol(argv[2]));
        else if (argc == 1)
            measure(&works[i]);
    return 0;
}
