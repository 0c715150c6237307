/* The field lines of a head that came in one piece, as most do: read at one look, without a state.
 * What is cut, folded or otherwise not plain is left to the framers, and nothing is known of it. */
#ifndef BELLHOP_HTTP_WHOLE_H
#define BELLHOP_HTTP_WHOLE_H

#include "http/framing.h"

#define HTTP_WHOLE_TOLD 6

struct http_told {
    struct span value; /* may be empty; without white space before it */
    uint8_t field;
};

struct http_whole {
    size_t len; /* bytes of the lines; CR LF, the empty line, stands behind them */
    struct http_framing framing;
    uint8_t told;
    struct http_told line[HTTP_WHOLE_TOLD]; /* lines of fields that are not the framers' own */
};

/* Looks at a head from behind its first line on; `watched` is a set of fields, each a bit. False:
 * it is not all there, not plain, or there are too many lines to tell. */
bool http_whole_lines(struct http_whole *w, const struct http_watch *watch, uint32_t watched,
                      struct span in);

#endif
