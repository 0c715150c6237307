#include "http/host.h"

#include "http/scan.h"

void host_begin(struct http_host *h)
{
    h->len = 0;
    h->named_by_target = false;
    h->line_seen = false;
    h->state = HTTP_HOST_ABSENT;
}

/* White space that does not fit may be the end of the line, and none of the name. */
static bool is_blank(struct span s)
{
    while (s.len && http_is_blank(s.at[s.len - 1]))
        s.len--;
    return s.len == 0;
}

static void append(struct http_host *h, struct span part)
{
    const size_t room = sizeof h->at - h->len;
    const size_t n = part.len < room ? part.len : room;

    if (h->state == HTTP_HOST_UNKNOWN)
        return;
    if (!is_blank(span_make(part.at + n, part.len - n)))
        h->state = HTTP_HOST_UNKNOWN;
    if (n)
        memcpy(h->at + h->len, part.at, n);
    h->len = (uint16_t)(h->len + n);
}

void host_target(struct http_host *h, struct span part)
{
    if (!h->named_by_target) {
        h->named_by_target = true;
        h->state = HTTP_HOST_KNOWN;
    }
    for (size_t i = part.len; i-- > 0;) {
        if (part.at[i] != '@')
            continue;
        /* What came before it was user information, of any length. */
        part = span_make(part.at + i + 1, part.len - i - 1);
        h->len = 0;
        h->state = HTTP_HOST_KNOWN;
        break;
    }
    append(h, part);
}

void host_value(struct http_host *h, struct span part)
{
    if (h->named_by_target || h->line_seen)
        return;
    append(h, part);
}

/* Two Host lines must be refused, yet servers take the first or the last. */
void host_line_end(struct http_host *h)
{
    if (h->named_by_target)
        return;
    if (h->line_seen || h->state == HTTP_HOST_UNKNOWN) {
        h->state = HTTP_HOST_UNKNOWN;
    } else {
        while (h->len && http_is_blank(h->at[h->len - 1]))
            h->len--;
        h->state = HTTP_HOST_KNOWN;
    }
    h->line_seen = true;
}
