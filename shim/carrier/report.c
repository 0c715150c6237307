#include "carrier/report.h"

#include "base/overlay.h"
#include "carrier/sender.h"

static void put_target(struct buf *b, const struct target *to)
{
    bool v6 = to && to->host.len && memchr(to->host.at, ':', to->host.len) && to->host.at[0] != '[';
    buf_puts(b, " host=");
    if (!to) {
        buf_puts(b, "unknown");
        return;
    }
    buf_puts(b, v6 ? "[" : "");
    buf_put(b, to->host);
    buf_puts(b, v6 ? "]" : "");
    if (to->port) {
        buf_putc(b, ':');
        buf_putu(b, to->port);
    }
}

static void put_rule(struct buf *b, const struct context *of, int rule)
{
    buf_puts(b, " rule=");
    if (rule == RULE_NONE_SET) {
        buf_puts(b, "none-set");
    } else if (rule == RULE_NO_MATCH) {
        buf_puts(b, "no-match");
    } else {
        buf_puts(b, "line-");
        buf_putu(b, (unsigned long)policy_rule_line(of ? context_policy(of) : NULL, rule));
    }
}

static void put_keys(struct buf *b, const char *label, const struct baggage *list, member_set set)
{
    const char *separator = "";
    buf_puts(b, label);
    for (uint32_t i = 0; i < list->count; i++) {
        if (!(set >> i & 1))
            continue;
        buf_puts(b, separator);
        buf_put(b, member_key(&list->member[i]));
        separator = ",";
    }
    if (!*separator)
        buf_putc(b, '-');
}

void report_request(const struct report *r)
{
    char line[LIMIT_LOG_LINE];
    struct buf b = buf_over(line, sizeof line);
    if (!log_wants(LOG_DEBUG))
        return;
    buf_puts(&b, r->carrier);
    put_target(&b, r->to);
    put_rule(&b, r->of, r->rule);
    buf_putc(&b, ' ');
    buf_puts(&b, r->outcome);
    if (r->of) {
        put_keys(&b, " sent=", &r->of->list, r->sent);
        member_set kept = members_of(&r->of->list) & ~r->judged;
        if (kept)
            put_keys(&b, " withheld=", &r->of->list, kept);
        buf_puts(&b, r->trace ? " traceparent=sent" : "");
    }
    log_write(LOG_DEBUG, buf_span(&b));
}

void report_association(struct whose who)
{
    static const unsigned char which[] = {
        [CONFIDENCE_NONE] = COUNT_associated_none,
        [CONFIDENCE_WEAK] = COUNT_associated_weak,
        [CONFIDENCE_SOLE] = COUNT_associated_sole,
        [CONFIDENCE_RESUMED] = COUNT_associated_resumed,
        [CONFIDENCE_IMMEDIATE] = COUNT_associated_immediate,
        [CONFIDENCE_LIVE] = COUNT_associated_live,
    };
    count((enum counter)which[who.confidence]);
    if (who.confidence != CONFIDENCE_NONE && who.confidence < process_least())
        count(COUNT_withheld);
}

static enum counter skipped_by(enum sender_skip why)
{
    static const unsigned char which[SENDER_SKIPS] = {
        [SKIP_EMPTY] = COUNT_skipped_empty,   [SKIP_POLICY] = COUNT_skipped_policy,
        [SKIP_OFF] = COUNT_skipped_off,       [SKIP_PRESENT] = COUNT_skipped_present,
        [SKIP_LIMIT] = COUNT_skipped_limit,   [SKIP_TUNNEL] = COUNT_skipped_tunnel,
        [SKIP_OPAQUE] = COUNT_skipped_opaque, [SKIP_NOTHING] = COUNT_skipped_memory,
    };
    if (why == SKIP_NOTHING && overlay_is_off())
        return COUNT_skipped_disabled;
    return (enum counter)which[why];
}

static void count_more(enum counter which, uint16_t before, uint16_t now)
{
    if (now != before)
        count_add(which, (uint16_t)(now - before));
}

void report_tally(const struct sender_tally *before, const struct sender_tally *now)
{
    for (int i = 0; i < SENDER_SKIPS; i++)
        if (now->skipped[i] != before->skipped[i])
            count_more(skipped_by((enum sender_skip)i), before->skipped[i], now->skipped[i]);
    count_more(COUNT_dropped_outbound, before->outbound, now->outbound);
    count_more(COUNT_dropped_limit, before->limit, now->limit);
    count_more(COUNT_dropped_duplicate, before->duplicate, now->duplicate);
}

enum count_opaque report_dark(const struct http_request *r, bool requests)
{
    static const unsigned char which[] = {
        [HTTP_DARK_NOT_HTTP] = OPAQUE_NOT_HTTP, [HTTP_DARK_HTTP2] = OPAQUE_HTTP2,
        [HTTP_DARK_TUNNEL] = OPAQUE_TUNNEL,     [HTTP_DARK_UPGRADE] = OPAQUE_UPGRADE,
        [HTTP_DARK_FRAMING] = OPAQUE_FRAMING,   [HTTP_DARK_ANSWER] = OPAQUE_EARLY_ANSWER,
        [HTTP_DARK_UNSEEN] = OPAQUE_UNSEEN,     [HTTP_DARK_GIVEN_UP] = OPAQUE_ROOM,
    };
    enum count_opaque why = (enum count_opaque)which[http_request_why(r)];
    return why == OPAQUE_NOT_HTTP && requests ? OPAQUE_FRAMING : why;
}

void report_opaque(enum counter family, enum count_opaque why)
{
    count((enum counter)(family + why));
    if (why == OPAQUE_FRAMING)
        count(COUNT_parse_request);
}
