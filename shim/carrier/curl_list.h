/* A carrier: the header list of a curl handle (struct curl_slist, whose shape is part of libcurl's
 * stable ABI). Builds the list that libcurl sends instead of the program's, which is never changed.
 */
#ifndef BELLHOP_CARRIER_CURL_LIST_H
#define BELLHOP_CARRIER_CURL_LIST_H

#include "context/process.h"

struct slist {
    char *data;
    struct slist *next;
};

/* What was done, for logs and counters. */
enum curl_list_result {
    CURL_LIST_ADDED,    /* a new line of ours */
    CURL_LIST_MERGED,   /* into the program's own baggage line */
    CURL_LIST_NOTHING,  /* nothing to send: the program's list stays */
    CURL_LIST_OWN,      /* the program said all there is to say: its list stays */
    CURL_LIST_DOUBT,    /* a list that cannot be judged: it stays */
    CURL_LIST_LIMIT,    /* nothing fits beside what the program says: its list stays */
    CURL_LIST_NO_MEMORY /* it stays */
};

struct curl_list {
    struct slist *head;         /* what to send; valid until `block` is freed and `own` is alive */
    void *block;                /* to be freed with free(); NULL: `own` is to be sent */
    member_set sent;            /* members of ours that are in it; */
    member_set duplicate, over; /* those that the program says, and those that do not fit */
    size_t bytes;               /* of ours in the request's head, as HTTP/1 writes it */
    bool trace;                 /* traceparent of ours is in it */
    enum curl_list_result result;
};

/* Adds what `s` selects of `c` to the program's list `own` (may be NULL): into its own `baggage`
 * entry (any letter case, STANDARD I30), or as an entry before its first. `own` is shared, not
 * copied, from the last changed entry on, so that what the program appends later is sent as well.
 * "baggage:" (suppressed) and "baggage;" (sent empty) keep libcurl's meaning: nothing is added. */
struct curl_list curl_list_build(struct slist *own, const struct context *c, struct selection s);

#endif
