#include "http/whole.h"

#include "http/field_line.h"

/* A line whose name may be one that is watched. False: there is no room for it. */
static bool watched_line(struct http_whole *w, const struct http_watch *watch, uint32_t watched,
                         struct span name, struct span value)
{
    const uint8_t field = http_watch_find(watch, name);

    if (!field_in(watched, field))
        return true;
    if (field_in(FIELDS_OWN, field)) {
        framing_line(&w->framing, field, value);
        return true;
    }
    if (w->told == HTTP_WHOLE_TOLD)
        return false;
    w->line[w->told++] = (struct http_told){ value, field };
    return true;
}

bool http_whole_lines(struct http_whole *w, const struct http_watch *watch, uint32_t watched,
                      struct span in)
{
    const char *const end = in.at + in.len;
    const char *at = in.at;

    w->told = 0;
    framing_begin(&w->framing);
    while (end - at >= 2 && memcmp(at, "\r\n", 2) != 0) {
        const char *const colon = field_line_colon(at, end);
        const char *const cr = colon ? field_line_cr(at, colon, end) : NULL;

        if (!cr)
            return false;
        if ((http_watch_may_have(watch, *at, (size_t)(colon - at)) & watched) &&
            !watched_line(w, watch, watched, span_make(at, (size_t)(colon - at)),
                          field_line_value(colon, cr)))
            return false;
        at = cr + 2;
    }
    w->len = (size_t)(at - in.at);
    return end - at >= 2;
}
