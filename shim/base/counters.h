/* Counters of this process: an atomic addition each, async-signal-safe at any moment. They stand in
 * memory of the process until an agent hands over a page that it reads them from. */
#ifndef BELLHOP_BASE_COUNTERS_H
#define BELLHOP_BASE_COUNTERS_H

#include "base/attachment.h"

#define FAMILY(name, help)
#define COUNTER(id, family, label, value) COUNT_##id,
enum counter {
#include "base/counters.def"
    COUNTERS
};
#undef FAMILY
#undef COUNTER

/* Families of carriers begin with curl: COUNT_requests_curl + CARRIER_SOCKET. */
enum count_carrier { CARRIER_CURL, CARRIER_SOCKET, CARRIER_OPENSSL, CARRIER_GNUTLS };

/* Why a stream is given up; families begin with not_http: COUNT_opaque_not_http + OPAQUE_UNSEEN. */
enum count_opaque {
    OPAQUE_NOT_HTTP,
    OPAQUE_HTTP2,
    OPAQUE_TUNNEL,
    OPAQUE_UPGRADE,
    OPAQUE_FRAMING,
    OPAQUE_UNSEEN,
    OPAQUE_ROOM,
    OPAQUE_OTHER,
    OPAQUE_EARLY_ANSWER,
    OPAQUE_CONCURRENT,
    OPAQUE_LEFT, /* to libcurl; to an event loop that is never live */
};

/* What a page holds may be more than a program knows, or less. */
#define COUNTERS_ROOM 128

struct counters {
    _Atomic(uint64_t) at[COUNTERS_ROOM];
};

/* Where they are while no agent has a page for them. */
extern struct counters counters_own;

static inline struct counters *counters_now(void)
{
    struct attachment *a = attachment_now();
    struct counters *page = a ? atomic_load_explicit(&a->counters, memory_order_acquire) : NULL;
    return page ? page : &counters_own;
}

static inline void count_add(enum counter which, uint64_t n)
{
    atomic_fetch_add_explicit(&counters_now()->at[which], n, memory_order_relaxed);
}

static inline void count(enum counter which)
{
    count_add(which, 1);
}

static inline void count_by(enum counter first, enum count_carrier carrier)
{
    count_add((enum counter)(first + carrier), 1);
}

/* As it stands now, of this process alone. */
uint64_t counter_read(enum counter which);

/* Adds what `from` holds to `to` and leaves zeros behind: what is counted meanwhile is in one of
 * them. */
void counters_move(struct counters *from, struct counters *to);

/* How a counter is told to people and to Prometheus; all static. */
struct counter_info {
    const char *id;     /* "injected_curl" */
    const char *family; /* "injected" */
    const char *label;  /* "carrier", or "" */
    const char *value;  /* "curl", or "" */
    const char *help;   /* of the family */
};

/* NULL: there is no such counter. */
const struct counter_info *counter_info(unsigned which);

#endif
