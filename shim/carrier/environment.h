/* A carrier: environments. What a program that is started as CGI was asked, and the environment of
 * a child (STANDARD G). Async-signal-safe but for the first. */
#ifndef BELLHOP_CARRIER_ENVIRONMENT_H
#define BELLHOP_CARRIER_ENVIRONMENT_H

#include "context/process.h"

/* The fields of the request that a CGI program answers, out of HTTP_BAGGAGE and its like. False: it
 * is none. *out is the caller's, and may be NULL. */
bool environment_cgi(char *const *env, struct capture **out);

/* A changed copy of an environment: which of its entries are replaced, and by what. */
struct handover {
    char *const *env; /* the original, as the program gave it; NULL is empty */
    size_t entries;
    struct context *context; /* to be released by handover_end */
    member_set members;      /* of the context, which the child gets */
    bool merges;             /* behind what the program itself put into BAGGAGE */
    bool removes;            /* BAGGAGE, of which nothing may go on */
    bool trace;
    size_t bytes; /* that the copy needs */
};

/* Finds out what a child of the calling thread shall get beside `env`. False: nothing, the original
 * will do; then there is nothing to end. */
bool handover_begin(struct handover *h, char *const *env);

/* Makes the copy in h->bytes bytes of memory, aligned for pointers. Of what the end gives back it
 * needs nothing. */
char *const *handover_make(const struct handover *h, void *memory);

void handover_end(struct handover *h);

#endif
