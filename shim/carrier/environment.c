#include "carrier/environment.h"

#include "base/blocks.h"
#include "base/buf.h"
#include "context/fields.h"

static const struct span baggage_is = { "BAGGAGE=", 8 };
static const struct span traceparent_is = { "TRACEPARENT=", 12 };
static const struct span tracestate_is = { "TRACESTATE=", 11 };

static bool begins(const char *entry, struct span with)
{
    return strncmp(entry, with.at, with.len) == 0;
}

/* The value behind "NAME=", or NULL. */
static const char *value_of(char *const *env, struct span name_is)
{
    for (; env && *env; env++)
        if (begins(*env, name_is))
            return *env + name_is.len;
    return NULL;
}

/* --- CGI -------------------------------------------------------------------------------------- */

/* RFC 3875 section 4.1.18: HTTP_, and the name in capitals with _ for -. */
static bool is_variable_of(const char *entry, struct span name, struct span *value)
{
    if (strncmp(entry, "HTTP_", 5) != 0)
        return false;
    for (entry += 5; name.len; entry++, name.at++, name.len--) {
        char c = *name.at == '-' ? '_' : *name.at;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (*entry != c)
            return false;
    }
    *value = span_of(entry + 1);
    return *entry == '=';
}

static void take_variable(struct capture **out, const struct http_watch *watch, const char *entry)
{
    struct span value;
    for (unsigned field = 0; field < HTTP_FORWARD + watch->count; field++) {
        struct span name = http_watch_name(watch, field);
        if ((field > HTTP_TRACESTATE && field < HTTP_FORWARD) ||
            !is_variable_of(entry, name, &value))
            continue;
        if (field >= HTTP_FORWARD)
            capture_feed(out, FIELD_NAME, name, true);
        capture_feed(out, field, value, true);
    }
}

/* What policy may ask of the request, beside its header. */
static void take_meta(struct capture **out, const struct policy *policy, char *const *env)
{
    const char *peer = value_of(env, SPAN("REMOTE_ADDR=")), *port;
    const char *target = value_of(env, SPAN("REQUEST_URI="));
    if (peer && policy_wants_peer(policy)) {
        capture_feed(out, FIELD_PEER, span_of(peer), true);
        port = value_of(env, SPAN("SERVER_PORT="));
        capture_feed(out, FIELD_PORT, span_of(port ? port : ""), true);
    }
    if (target && policy_wants_target(policy)) {
        capture_feed(out, FIELD_LINE, SPAN("- "), true);
        capture_feed(out, FIELD_LINE, span_of(target), false);
        capture_feed(out, FIELD_LINE, SPAN(" "), false);
    }
}

bool environment_cgi(char *const *env, struct capture **out)
{
    *out = NULL;
    if (!value_of(env, SPAN("GATEWAY_INTERFACE=CGI/")))
        return false;
    struct regime *r = regime_take();
    take_meta(out, r->policy, env);
    for (; *env; env++)
        if (begins(*env, SPAN("HTTP_")))
            take_variable(out, r->watch, *env);
    regime_drop(r);
    return true;
}

/* --- children --------------------------------------------------------------------------------- */

/* Whether the program passes on what it was started with, so that ours, which holds that, can stand
 * instead. */
static bool is_inherited(const char *value, struct span at_start)
{
    return span_equal(span_of(value ? value : ""), at_start);
}

/* The program's own members win (as STANDARD I30 has it for headers). */
static void narrow(struct handover *h, const char *own)
{
    if (is_inherited(own, process_inherited()->baggage))
        return;
    struct baggage *list = own && *own ? block_take(sizeof *list) : NULL;
    if (!list) {
        h->members = MEMBERS_NONE; /* it took it away; or there is no memory to find out more */
        return;
    }
    baggage_init(list);
    baggage_parse(list, span_of(own));
    h->merges = true;
    h->members &= baggage_missing(&h->context->list, list);
    h->members =
        baggage_fit(&h->context->list, h->members, list->count + list->dropped, list->bytes);
    block_give(list);
}

static size_t lengths(const struct handover *h)
{
    const struct context *c = h->context;
    const char *own = value_of(h->env, baggage_is);
    size_t bytes = (h->entries + 4) * sizeof(char *);
    bytes += baggage_is.len + traceparent_is.len + tracestate_is.len + 4;
    bytes += baggage_format_len(&c->list, h->members) + c->traceparent.len + c->tracestate.len;
    return bytes + (h->merges ? strlen(own) : 0);
}

bool handover_begin(struct handover *h, char *const *env)
{
    struct whose who = whose_now(process_worker());
    struct selection all;
    *h = (struct handover){ .env = env };
    if (!process_layer() && who.confidence < process_least() && !process_withholds_from_children())
        return false;
    if (!(h->context = process_context(who)))
        return false;
    all = process_hand_over(h->context);
    h->members = all.what.members;
    narrow(h, value_of(env, baggage_is));
    h->trace =
        all.trace && is_inherited(value_of(env, traceparent_is), process_inherited()->traceparent);
    h->removes =
        !h->members && !h->merges && value_of(env, baggage_is) && process_withholds_from_children();
    if (!h->members && !h->trace && !h->removes) {
        handover_end(h);
        return false;
    }
    while (env && env[h->entries])
        h->entries++;
    h->bytes = lengths(h);
    return true;
}

static char *put_text(char **at, struct span name_is, struct span value)
{
    char *begin = *at;
    struct buf b = buf_over(begin, name_is.len + value.len + 1);
    buf_put(&b, name_is);
    buf_put(&b, value);
    buf_put(&b, span_make("", 1));
    *at += b.len;
    return begin;
}

static char *put_baggage(const struct handover *h, char **at)
{
    const char *own = h->merges ? value_of(h->env, baggage_is) : NULL;
    char *begin = put_text(at, baggage_is, span_of(own ? own : ""));
    char *end = *at - 1; /* over the NUL */
    if (own)
        *end++ = ',';
    size_t len = baggage_format_len(&h->context->list, h->members);
    end += baggage_format(&h->context->list, h->members, end, len);
    *end = '\0';
    *at = end + 1;
    return begin;
}

static bool is_replaced(const struct handover *h, const char *entry)
{
    return ((h->members || h->removes) && begins(entry, baggage_is)) ||
           (h->trace && (begins(entry, traceparent_is) || begins(entry, tracestate_is)));
}

char *const *handover_make(const struct handover *h, void *memory)
{
    const struct context *c = h->context;
    char **out = memory, **to = out;
    char *text = (char *)(out + h->entries + 4);
    for (size_t i = 0; i < h->entries; i++)
        if (!is_replaced(h, h->env[i]))
            *to++ = h->env[i];
    if (h->members)
        *to++ = put_baggage(h, &text);
    if (h->trace)
        *to++ = put_text(&text, traceparent_is, c->traceparent);
    if (h->trace && c->tracestate.len)
        *to++ = put_text(&text, tracestate_is, c->tracestate);
    *to = NULL;
    return out;
}

void handover_end(struct handover *h)
{
    context_release(h->context);
    h->context = NULL;
}
