/* The inside of what is known of an easy handle, and where its next request goes. Internal to
 * easy.h. */
#ifndef BELLHOP_CARRIER_EASY_STATE_H
#define BELLHOP_CARRIER_EASY_STATE_H

#include "carrier/easy.h"

struct easy {
    const struct easy_calls *calls;
    void *handle;

    /* What the program set. */
    struct slist *headers;
    prereq_fn *prereq;
    void *prereq_data;
    const void *parts; /* CURLOPT_CURLU, which goes before CURLOPT_URL */
    bool unified;      /* CONNECT requests get the header list too */
    bool follows;      /* redirects */
    bool proxy_set;    /* a proxy by option */
    bool proxy_unset;  /* "": none, whatever the environment says */
    bool pre_proxy;
    bool custom;     /* the method's name is the program's own, */
    bool obeys;      /* which redirects may change */
    bool retargeted; /* the request's target is not that of its URL */

    /* What we did. */
    struct whose whose;      /* the transfer that runs, */
    const void *begun_by;    /* and the thread that began it */
    struct context *context; /* of that, or NULL */
    bool dressed;            /* our prereq is on the handle */
    bool listed;             /* our list is on the handle */
    void *block;             /* of our list; owned */
    uint64_t place;          /* where the request goes out, if it may be lent; else 0 */
};

/* The URL that the next request goes to. */
struct easy_url {
    const char *text; /* NULL: not to be told */
    char *made;       /* by libcurl, for easy_url_close to free; or NULL */
};

struct easy_url easy_url_open(const struct easy *e);
void easy_url_close(const struct easy *e, struct easy_url *url);

/* True if it is HTTP for sure; enough where no rule asks for more. */
bool easy_url_is_http(const struct easy_url *url);

/* Where it leads, once libcurl has read it and `peer` is who it is connected to. False: not HTTP,
 * or not to be told. The target lives as long as the URL, the peer and the handle's options. */
bool easy_url_target(const struct easy *e, const struct easy_url *url, const char *peer,
                     struct target *to);

/* The same before libcurl has read it, so that it may lack its scheme. */
bool easy_url_guess(const struct easy *e, const struct easy_url *url, struct target *to);

#endif
