#include "base/pages.h"

#include <errno.h>

#define TRIES 16 /* each lost one means that a whole text was written meanwhile */

bool slot_write(struct slot *s, _Atomic(uint64_t) *copies, size_t words, struct span text,
                uint32_t tid)
{
    uint32_t seq = atomic_load_explicit(&s->seq, memory_order_relaxed);
    uint32_t which = (seq + 1) & 1;
    _Atomic(uint64_t) *to = copies + which * words;
    if (text.len > words * 8)
        return false;
    for (size_t at = 0; at < text.len; at += 8) {
        uint64_t word = 0;
        memcpy(&word, text.at + at, text.len - at < 8 ? text.len - at : 8);
        atomic_store_explicit(to++, word, memory_order_release);
    }
    atomic_store_explicit(&s->len[which], text.at ? (uint32_t)text.len : SLOT_ABSENT,
                          memory_order_release);
    atomic_store_explicit(&s->tid[which], tid, memory_order_release);
    atomic_store_explicit(&s->seq, seq + 1, memory_order_release);
    return true;
}

static void copy(const _Atomic(uint64_t) *from, char *out, size_t len)
{
    for (size_t at = 0; at < len; at += 8) {
        uint64_t word = atomic_load_explicit(from++, memory_order_acquire);
        memcpy(out + at, &word, len - at < 8 ? len - at : 8);
    }
}

int64_t slot_read(const struct slot *s, const _Atomic(uint64_t) *copies, size_t words, char *out,
                  size_t max)
{
    for (int i = 0; i < TRIES; i++) {
        uint32_t seq = atomic_load_explicit(&s->seq, memory_order_acquire);
        uint32_t len = atomic_load_explicit(&s->len[seq & 1], memory_order_acquire);
        bool fits = len <= max && len <= words * 8;
        if (len != SLOT_ABSENT && fits)
            copy(copies + (seq & 1) * words, out, len);
        if (atomic_load_explicit(&s->seq, memory_order_relaxed) == seq)
            return fits || len == SLOT_ABSENT ? (int64_t)len : -E2BIG;
    }
    return -EAGAIN;
}
