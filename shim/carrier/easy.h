/* What we know of one curl easy handle: what the program set on it, and what we put there while a
 * transfer runs. Outside of transfers the handle is exactly as the program made it; between
 * easy_begin and easy_end it is "dressed": our prereq callback is on it, and from that callback on,
 * for each hop, a header list of ours (see curl_list.h), unless the stream below is lent the
 * request (see claim.h).
 *
 * A handle is used by one thread at a time (libcurl's rule), so this needs no lock. It knows
 * libcurl only by the calls that it is given. */
#ifndef BELLHOP_CARRIER_EASY_H
#define BELLHOP_CARRIER_EASY_H

#include "carrier/curl_list.h"

/* Numbers of libcurl's stable ABI. */
enum {
    CURL_OK = 0,
    CURL_FAILED_INIT = 2,
    CURL_UNKNOWN_OPTION = 48,
    CURL_OPT_FOLLOWLOCATION = 52,
    CURL_OPT_HTTPPROXYTUNNEL = 61,
    CURL_OPT_HEADEROPT = 229,
    CURL_OPT_PROXY = 10004,
    CURL_OPT_HTTPHEADER = 10023,
    CURL_OPT_CUSTOMREQUEST = 10036,
    CURL_OPT_PRE_PROXY = 10262,
    CURL_OPT_REQUEST_TARGET = 10266,
    CURL_OPT_CURLU = 10282,
    CURL_OPT_PREREQDATA = 10313,
    CURL_OPT_PREREQFUNCTION = 20312,
    CURL_INFO_EFFECTIVE_URL = 0x100001,
    CURL_INFO_EFFECTIVE_METHOD = 0x10003a,
    CURL_INFO_REDIRECT_COUNT = 0x200014,
};

typedef int prereq_fn(void *data, char *peer, char *local, int peer_port, int local_port);

struct easy_calls {
    int (*setopt)(void *handle, int option, ...);
    int (*getinfo)(void *handle, int info, ...);
    int (*url_get)(const void *parts, int part, char **out, unsigned flags); /* NULL: no CURLU */
    void (*free)(void *text);
    prereq_fn *prereq; /* to be put on handles, with the handle as its data */
};

struct easy;

/* `calls` must outlive it. NULL: no memory. */
struct easy *easy_new(const struct easy_calls *calls, void *handle);
void easy_free(struct easy *e); /* does not touch the handle */

/* The program sets an option to a pointer or long. True: libcurl must be told as well. */
bool easy_note(struct easy *e, int option, void *value);

/* All options are at their default again (curl_easy_reset). */
void easy_forget(struct easy *e);

/* `copy` is a fresh state for a handle that libcurl duplicated from that of `e`: makes the new
 * handle what the program would have got. */
void easy_copied(const struct easy *e, struct easy *copy);

/* As easy_copied, when there was no memory for a state: `copy` is the new handle itself. */
void easy_strip(const struct easy *e, void *copy);

/* A transfer starts, for this request. */
void easy_begin(struct easy *e, struct whose who);

/* A transfer is over, or the handle left its multi handle: undresses it. Idempotent. */
void easy_end(struct easy *e);

/* Our prereq callback: libcurl is about to send a request. Asks the program's own callback first;
 * returns what libcurl shall be told. */
int easy_prereq(struct easy *e, char *peer, char *local, int peer_port, int local_port);

const struct easy_calls *easy_calls(const struct easy *e);

#endif
