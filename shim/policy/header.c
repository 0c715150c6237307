/* Names of headers that settings may mention. */
#include "policy/draft.h"

static const char *const hop_by_hop[] = {
    "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "trailers"
};

/* A table of its own tells names that are none, and those that the framers keep to themselves. */
const char *policy_header_fault(struct span name)
{
    struct http_watch scratch = http_watch_basic;
    uint8_t known = http_watch_find(&scratch, name);
    if (known <= HTTP_TRACESTATE)
        return "is carried by itself";
    if (known != HTTP_FIELD_NONE)
        return "belongs to one connection or message, and cannot be carried";
    for (size_t i = 0; i < sizeof hop_by_hop / sizeof *hop_by_hop; i++)
        if (span_equal_nocase(name, span_of(hop_by_hop[i])))
            return "belongs to one connection or message, and cannot be carried";
    return http_watch_add(&scratch, name) < 0
               ? "is not the name of a header (letters, digits and -, up to 64 characters)"
               : NULL;
}
