#include "carrier/report.h"

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

static void put_rule(struct buf *b, int rule)
{
    buf_puts(b, " rule=");
    if (rule == RULE_NONE_SET) {
        buf_puts(b, "none-set");
    } else if (rule == RULE_NO_MATCH) {
        buf_puts(b, "no-match");
    } else {
        buf_puts(b, "line-");
        buf_putu(b, (unsigned long)policy_rule_line(process_policy(), rule));
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
    put_rule(&b, r->rule);
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
