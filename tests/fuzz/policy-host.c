/* Hosts, URLs and patterns: any bytes are split or refused, and what is split is inside of them. */
#include <stdint.h>
#include <stdlib.h>

#include "policy/draft.h"
#include "policy/host_match.h"

static void inside(struct span whole, const struct target *t)
{
    if (t->host.len == 0 || t->host.at < whole.at ||
        t->host.at + t->host.len > whole.at + whole.len)
        abort();
    struct address a;
    struct host_subject s;
    host_subject_make(&s, t);
    /* A host that was let through is an address, a plain name, or one with bytes outside ASCII. */
    for (size_t i = 0; i < t->host.len && !address_parse(t->host, &a); i++)
        if ((unsigned char)t->host.at[i] < 0x80 && t->host.at[i] != '.' &&
            !host_is_plain(span_make(t->host.at + i, 1)))
            abort();
}

/* A pattern matches what it covers. */
static void use_pattern(struct span text)
{
    struct host_pattern p;
    if (host_pattern_parse(text, &p))
        return;
    if (!host_covers(&p, &p) || p.bits > 128)
        abort();
    struct target t = { .port = p.port };
    if (p.kind == HOST_NAME)
        t.host = span_make(p.name, p.len);
    struct host_subject s;
    host_subject_make(&s, &t);
    if (p.kind == HOST_NAME && host_match(&p, &s) != (s.port || !p.port ? HOST_YES : HOST_MAYBE))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make((const char *)data, size);
    struct target t;
    if (url_split(text, &t))
        inside(text, &t);
    if (url_split_bare(text, &t))
        inside(text, &t);
    if (authority_split(text, 80, &t))
        inside(text, &t);
    use_pattern(text);
    policy_key_fault(text);
    return 0;
}
