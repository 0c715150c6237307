#include "carrier/easy.h"

#include <stdlib.h>
#include <string.h>

#include "base/counters.h"
#include "base/log.h"
#include "carrier/claim.h"
#include "carrier/easy_state.h"
#include "carrier/report.h"

#define HEADEROPT_SEPARATE 1

struct easy *easy_new(const struct easy_calls *calls, void *handle)
{
    struct easy *e = calloc(1, sizeof *e);
    if (e) {
        e->calls = calls;
        e->handle = handle;
    }
    return e;
}

static void drop_block(struct easy *e)
{
    free(e->block);
    e->block = NULL;
}

void easy_free(struct easy *e)
{
    if (!e)
        return;
    context_release(e->context);
    drop_block(e);
    free(e);
}

const struct easy_calls *easy_calls(const struct easy *e)
{
    return e->calls;
}

static void note_proxy(struct easy *e, const char *proxy)
{
    e->proxy_set = proxy && *proxy;
    e->proxy_unset = proxy && !*proxy;
}

bool easy_note(struct easy *e, int option, void *value)
{
    switch (option) {
    case CURL_OPT_HTTPHEADER:
        e->headers = value;
        e->listed = false;
        return true;
    case CURL_OPT_PREREQFUNCTION:
        *(void **)&e->prereq = value;
        return !e->dressed;
    case CURL_OPT_PREREQDATA:
        e->prereq_data = value;
        return !e->dressed;
    case CURL_OPT_HEADEROPT:
        e->unified = ((long)(intptr_t)value & HEADEROPT_SEPARATE) == 0;
        return true;
    case CURL_OPT_FOLLOWLOCATION:
        e->follows = (long)(intptr_t)value != 0;
        e->obeys = (long)(intptr_t)value > 1;
        return true;
    case CURL_OPT_CUSTOMREQUEST:
        e->custom = value != NULL;
        return true;
    case CURL_OPT_REQUEST_TARGET:
        e->retargeted = value != NULL;
        return true;
    case CURL_OPT_PROXY:
        note_proxy(e, value);
        return true;
    case CURL_OPT_CURLU:
        e->parts = value;
        return true;
    case CURL_OPT_PRE_PROXY:
        e->pre_proxy = value && *(const char *)value;
        return true;
    default:
        return true;
    }
}

void easy_forget(struct easy *e)
{
    context_release(e->context);
    drop_block(e);
    *e = (struct easy){ .calls = e->calls, .handle = e->handle };
}

void easy_copied(const struct easy *e, struct easy *copy)
{
    const struct easy_calls *calls = copy->calls;
    void *handle = copy->handle;
    *copy = *e;
    copy->calls = calls;
    copy->handle = handle;
    copy->context = NULL;
    copy->block = NULL;
    easy_end(copy);
}

void easy_strip(const struct easy *e, void *copy)
{
    e->calls->setopt(copy, CURL_OPT_HTTPHEADER, e->headers);
    if (!e->dressed)
        return;
    e->calls->setopt(copy, CURL_OPT_PREREQFUNCTION, e->prereq);
    e->calls->setopt(copy, CURL_OPT_PREREQDATA, e->prereq_data);
}

/* --- dressing --------------------------------------------------------------------------------- */

static void put_list(struct easy *e, struct curl_list list)
{
    void *previous = e->block;
    if (list.block || e->listed)
        e->calls->setopt(e->handle, CURL_OPT_HTTPHEADER, list.head);
    e->listed = list.block != NULL;
    e->block = list.block;
    free(previous);
}

static void restore_list(struct easy *e)
{
    put_list(e, (struct curl_list){ .head = e->headers });
}

static const char *outcome(enum curl_list_result result)
{
    static const char *const words[] = {
        [CURL_LIST_ADDED] = "added",         [CURL_LIST_MERGED] = "merged",
        [CURL_LIST_NOTHING] = "nothing",     [CURL_LIST_OWN] = "program-has-own",
        [CURL_LIST_DOUBT] = "list-in-doubt", [CURL_LIST_NO_MEMORY] = "no-memory",
        [CURL_LIST_LIMIT] = "over-limit",
    };
    return words[result];
}

static void tell(const struct easy *e, const struct target *to, struct selection s,
                 const struct curl_list *list, const char *why)
{
    report_request(&(struct report){
        .carrier = "curl",
        .to = to,
        .of = e->context,
        .rule = s.what.rule,
        .judged = selection_members(&s),
        .sent = list ? list->sent : MEMBERS_NONE,
        .trace = list && list->trace,
        .outcome = why ? why : outcome(list->result),
    });
}

static void count_set(enum counter which, member_set set)
{
    if (set)
        count_add(which, members_count(set));
}

static void count_members(const struct selection *s, const struct curl_list *list,
                          const struct context *c)
{
    if (!policy_is_open(context_policy(c)))
        count_set(COUNT_dropped_outbound, members_of(&c->list) & ~selection_members(s));
    count_set(COUNT_dropped_duplicate, list->duplicate);
    count_set(COUNT_dropped_limit, list->over);
    if (c->over)
        count_add(COUNT_dropped_limit, c->over);
}

static void count_result(const struct selection *s, const struct curl_list *list,
                         const struct context *c)
{
    static const unsigned char skipped[] = {
        [CURL_LIST_NOTHING] = COUNT_skipped_policy, [CURL_LIST_OWN] = COUNT_skipped_present,
        [CURL_LIST_DOUBT] = COUNT_skipped_other,    [CURL_LIST_NO_MEMORY] = COUNT_skipped_memory,
        [CURL_LIST_LIMIT] = COUNT_skipped_limit,
    };
    count(COUNT_requests_curl);
    count_add(COUNT_added_bytes, list->bytes);
    if (list->result == CURL_LIST_ADDED || list->result == CURL_LIST_MERGED)
        count(COUNT_injected_curl);
    else if (!c->list.count && !c->traceparent.len && !c->forwards)
        count(COUNT_skipped_empty);
    else if (s->what.off)
        count(COUNT_skipped_off);
    else
        count((enum counter)skipped[list->result]);
    if (list->result == CURL_LIST_MERGED)
        count(COUNT_merged);
    count_members(s, list, c);
}

/* --- lending ---------------------------------------------------------------------------------- */

/* Header lines of the program's own that may be of ours: libcurl's meaning of them is to be kept.
 */
static bool may_have_fields(const struct slist *headers)
{
    for (; headers; headers = headers->next)
        if (headers->data && strchr("bBtT", headers->data[0]))
            return true;
    return false;
}

/* True if a connection that takes a request's lines as a stream of ours spares libcurl to put them
 * together, which costs it ten thousand instructions. */
static bool may_lend(const struct easy *e)
{
    return process_sends_whole(e->context) && e->context->lines.len && !log_wants(LOG_DEBUG) &&
           !bill_wanted() && !may_have_fields(e->headers);
}

/* If the request goes out on a connection on which one has gone out before, the stream puts in what
 * it is to have. */
static bool lend(struct easy *e)
{
    if (!claim_lend(e->place, e->whose, e->context))
        return false;
    restore_list(e);
    if (process_is_server())
        report_association(e->whose);
    return true;
}

/* Puts on the handle what may go to `to`. */
static void inject(struct easy *e, const struct target *to)
{
    struct selection s = process_select(e->context, to);
    if (e->dressed) {
        /* the request that follows on this thread is decided on */
        claim_take(e->whose, e->place);
        if (process_is_server())
            report_association(e->whose);
        if (bill_wanted())
            bill_begin(claim_bill(), e->context, ATTRIBUTED_OUT);
    }
    struct curl_list list = curl_list_build(e->headers, e->context, s);
    put_list(e, list);
    count_result(&s, &list, e->context);
    tell(e, to, s, &list, NULL);
}

static void withhold(struct easy *e, const char *why)
{
    restore_list(e);
    if (log_wants(LOG_DEBUG))
        tell(e, NULL, (struct selection){ .what.rule = RULE_NO_MATCH }, NULL, why);
}

/* libcurl before 7.80 has no callback before a request: what is on the handle goes to every hop. */
static void inject_at_start(struct easy *e)
{
    struct easy_url url = easy_url_open(e);
    struct target to = { 0 };
    bool known = easy_url_guess(e, &url, &to);
    if (policy_is_open(context_policy(e->context)))
        inject(e, known ? &to : NULL);
    else if (e->follows)
        withhold(e, "old-libcurl-follows-redirects");
    else if (known)
        inject(e, &to);
    else
        withhold(e, "host-unknown-to-old-libcurl");
    easy_url_close(e, &url);
}

static bool dress(struct easy *e)
{
    const struct easy_calls *calls = e->calls;
    e->dressed = calls->setopt(e->handle, CURL_OPT_PREREQFUNCTION, calls->prereq) == CURL_OK &&
                 calls->setopt(e->handle, CURL_OPT_PREREQDATA, e->handle) == CURL_OK;
    return e->dressed;
}

void easy_begin(struct easy *e, struct whose who)
{
    context_release(e->context);
    e->whose = who;
    e->begun_by = process_worker();
    e->context = process_context(who);
    if (!e->context) {
        easy_end(e);
    } else if (e->unified) { /* headers of CONNECT cannot be told from those of the request */
        withhold(e, "headers-shared-with-proxy");
        easy_end(e);
    } else if (!dress(e)) {
        inject_at_start(e);
    }
}

void easy_end(struct easy *e)
{
    context_release(e->context);
    e->context = NULL;
    restore_list(e);
    if (!e->dressed)
        return;
    e->dressed = false;
    e->calls->setopt(e->handle, CURL_OPT_PREREQFUNCTION, e->prereq);
    e->calls->setopt(e->handle, CURL_OPT_PREREQDATA, e->prereq_data);
}

/* libcurl is about to send a request: dresses the handle for its host. */
static void prepare_hop(struct easy *e, const char *peer)
{
    struct easy_url url = easy_url_open(e);
    struct target to = { 0 };
    bool host_matters = !policy_is_open(context_policy(e->context)) || log_wants(LOG_DEBUG);
    if (url.text && !host_matters && easy_url_is_http(&url)) {
        inject(e, NULL);
    } else if (easy_url_target(e, &url, peer, &to)) {
        inject(e, &to);
    } else {
        withhold(e, "no-http-url");
        /* nor does the socket layer know better: FTP may send a file like a request */
        claim_leave_alone();
    }
    easy_url_close(e, &url);
}

/* Settings may have come since the transfer began: this request goes by them. What a thread
 * attached is known there alone, so that one which another thread drives is left to the layers
 * below. */
static void renew(struct easy *e)
{
    struct regime *now = process_regime();
    struct context *c = e->context;
    bool same = c->by == now;
    regime_drop(now);
    if (same)
        return;
    e->context = e->begun_by == process_worker() ? process_context(e->whose) : NULL;
    context_release(c);
}

int easy_prereq(struct easy *e, char *peer, char *local, int peer_port, int local_port)
{
    if (e->prereq) {
        int told = e->prereq(e->prereq_data, peer, local, peer_port, local_port);
        if (told != 0)
            return told;
    }
    if (e->context)
        renew(e);
    if (!e->context || e->unified) {
        restore_list(e);
        return 0;
    }
    e->place = may_lend(e) ? claim_place(peer, peer_port, local, local_port) : 0;
    if (!lend(e))
        prepare_hop(e, peer);
    return 0;
}
