/* What libcurl programs have in common that attach baggage, and drive multi handles. */
#ifndef BELLHOP_TESTS_CURL_ATTACH_H
#define BELLHOP_TESTS_CURL_ATTACH_H

#include <bellhop/baggage.h>

#include "curl-app.h"

static inline struct bellhop_token attach(const char *list)
{
    struct bellhop_token token;
    struct bellhop_baggage *b = bellhop_parse(list, strlen(list));
    bellhop_attach(b, &token);
    bellhop_release(b);
    return token;
}

/* Adds a handle, whose request is to carry this. */
static inline void add_with(CURLM *multi, CURL *easy, const char *list)
{
    struct bellhop_token token = attach(list);
    curl_multi_add_handle(multi, easy);
    bellhop_detach(&token);
}

/* To the end of all transfers. */
static inline void drive(CURLM *multi)
{
    int running = 1;
    while (running && curl_multi_perform(multi, &running) == CURLM_OK)
        if (running)
            curl_multi_poll(multi, NULL, 0, 100, NULL);
}

#endif
