/* Where a libcurl request goes: its URL, its peer, its method. */
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "carrier/easy_state.h"

/* Any of curl's proxy variables; which of them applies is libcurl's own affair. */
static bool environment_has_proxy(void)
{
    for (char **at = environ; at && *at; at++) {
        struct span value, name = span_cut(span_of(*at), '=', &value);
        if (name.len < 6 || !value.len || span_equal_nocase(name, SPAN("no_proxy")))
            continue;
        if (span_equal_nocase(span_make(name.at + name.len - 6, 6), SPAN("_proxy")))
            return true;
    }
    return false;
}

/* The peer's address tells where the request goes only if no proxy stands between. */
static struct span direct_address(const struct easy *e, const char *peer)
{
    if (!peer || policy_is_open(context_policy(e->context)) || e->proxy_set || e->pre_proxy)
        return SPAN("");
    if (!e->proxy_unset && environment_has_proxy())
        return SPAN("");
    return span_of(peer);
}

/* libcurl does not tell of a URL that was given in parts before it has been followed somewhere. */
struct easy_url easy_url_open(const struct easy *e)
{
    const struct easy_calls *c = e->calls;
    struct easy_url url = { 0 };
    long follows = 0;
    if (e->parts && c->getinfo(e->handle, CURL_INFO_REDIRECT_COUNT, &follows) != CURL_OK)
        return url;
    if (!e->parts || follows > 0) {
        if (c->getinfo(e->handle, CURL_INFO_EFFECTIVE_URL, &url.text) != CURL_OK)
            url.text = NULL;
    } else if (c->url_get && c->free && c->url_get(e->parts, 0, &url.made, 0) == CURL_OK) {
        url.text = url.made;
    }
    return url;
}

void easy_url_close(const struct easy *e, struct easy_url *url)
{
    if (url->made)
        e->calls->free(url->made);
}

bool easy_url_is_http(const struct easy_url *url)
{
    return strncasecmp(url->text, "http://", 7) == 0 ||
           strncasecmp(url->text, "https://", 8) == 0 || strncasecmp(url->text, "ws://", 5) == 0 ||
           strncasecmp(url->text, "wss://", 6) == 0;
}

/* libcurl tells it since 7.72; a custom one also for a redirect that goes on without it. */
static struct span method_of(const struct easy *e)
{
    const char *method = NULL;
    long follows = 1;
    if (e->custom && e->obeys)
        e->calls->getinfo(e->handle, CURL_INFO_REDIRECT_COUNT, &follows);
    if ((e->custom && e->obeys && follows > 0) ||
        e->calls->getinfo(e->handle, CURL_INFO_EFFECTIVE_METHOD, &method) != CURL_OK)
        return SPAN("");
    return span_of(method);
}

static void note_path(const struct easy *e, const struct easy_url *url, struct target *to)
{
    if (atomic_load_explicit(&process_asks_line, memory_order_relaxed) && !e->retargeted)
        to->path = span_of(url->text);
}

bool easy_url_target(const struct easy *e, const struct easy_url *url, const char *peer,
                     struct target *to)
{
    if (!url->text || !url_split(span_of(url->text), to))
        return false;
    to->address = direct_address(e, peer);
    note_path(e, url, to);
    if (atomic_load_explicit(&process_asks_line, memory_order_relaxed))
        to->method = method_of(e);
    return true;
}

bool easy_url_guess(const struct easy *e, const struct easy_url *url, struct target *to)
{
    const char *text = url->text;
    if (!text || !*text)
        return false;
    if (!(strstr(text, "://") ? url_split(span_of(text), to) : url_split_bare(span_of(text), to)))
        return false;
    note_path(e, url, to); /* the method is still that of the transfer before */
    return true;
}
