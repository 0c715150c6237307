/* Which of our keys a program's own baggage line holds, found out byte by byte as the line goes by
 * (STANDARD I30): nothing of it is kept. */
#ifndef BELLHOP_CARRIER_OWN_KEYS_H
#define BELLHOP_CARRIER_OWN_KEYS_H

#include "baggage/baggage.h"

struct own_keys {
    member_set candidates; /* of our list: keys that begin as the key that is being read */
    member_set present;    /* keys that were there */
    uint32_t bytes;        /* of the values so far */
    uint16_t members;      /* list elements so far, good or bad */
    uint16_t pos;          /* bytes of the key that is being read */
    uint8_t state;
};

void own_keys_begin(struct own_keys *o, const struct baggage *ours);

/* The next bytes of the value. */
void own_keys_feed(struct own_keys *o, const struct baggage *ours, struct span value);

/* The line ends; another one may begin. */
void own_keys_end(struct own_keys *o, const struct baggage *ours);

#endif
