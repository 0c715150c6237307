/* Drives a framer over a whole stream, cut in some way, and writes down what it told. */
#ifndef BELLHOP_TESTS_HTTP_FEED_H
#define BELLHOP_TESTS_HTTP_FEED_H

#include "http/request.h"
#include "http/response.h"

enum job_kind { JOB_REQUEST, JOB_RESPONSE, JOB_INSERT };

/* Something that happens when the stream has come to an offset. */
struct act {
    size_t at;
    char what; /* 's'kip, 'a'nswer, 'e'xpect */
    unsigned long number;
};

struct job {
    enum job_kind kind;
    struct span in;
    struct http_watch watch;
    struct act act[80]; /* by offset */
    size_t acts;
    struct span name[8], value[8]; /* JOB_INSERT: the fields to carry */
    size_t fields;
    bool close; /* JOB_RESPONSE: the connection ends behind the stream */
};

/* Text that grows. */
struct text {
    char *at;
    size_t len, max;
};

void text_put(struct text *t, struct span s);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where the stream is cut: each `every` bytes (0: not), at `split` (0: not), and at random with
 * `seed` (0: not). */
struct cuts {
    size_t every, split;
    unsigned long seed;
};

/* The events of the stream, one a line with its offset; VALUE pieces that follow each other are
 * one. JOB_INSERT: instead the stream itself with the fields put in. Every piece ends at a page
 * that cannot be read. */
void feed(const struct job *j, struct cuts cuts, struct text *out);

#endif
