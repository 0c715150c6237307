/* The public API: include/bellhop/baggage.h. */
#include "bellhop/baggage.h"

#include "context/process.h"
#include "context/snapshot.h"
#include "hooks/real.h"

static struct bellhop_baggage *current(void)
{
    struct context *c = process_current();
    struct bellhop_baggage *b = c ? snapshot_of(&c->list, members_of(&c->list)) : NULL;
    context_release(c);
    return b;
}

static int attach(struct bellhop_baggage *b, struct bellhop_token *token)
{
    int result = process_swap_layer(snapshot_hold(b), &token->previous);
    if (result != 0) {
        snapshot_release(b);
        token->previous = NULL;
    }
    return result;
}

static void detach(struct bellhop_token *token)
{
    struct bellhop_baggage *attached = NULL;
    if (process_swap_layer(token->previous, &attached) == 0)
        snapshot_release(attached);
    token->previous = NULL;
}

/* Puts a new layer, whose reference is given here, in the place of the thread's own. */
static int replace(struct bellhop_baggage *layer)
{
    struct bellhop_baggage *previous = NULL;
    if (!layer)
        return -ENOMEM;
    int result = process_swap_layer(layer, &previous);
    snapshot_release(result == 0 ? previous : layer);
    return result;
}

static int set(const char *key, const char *value, size_t value_len, const char *metadata)
{
    struct bellhop_baggage *layer = NULL;
    struct span plain = span_make(value, value ? value_len : 0);
    int result = snapshot_set(process_layer(), key, plain, metadata, &layer);
    return result == 0 ? replace(layer) : result;
}

static int remove_key(const char *key)
{
    return replace(snapshot_hide(process_layer(), key));
}

static int clear(void)
{
    return replace(snapshot_alone());
}

EXPORT const struct bellhop_api *bellhop_api(unsigned version)
{
    static const struct bellhop_api api = {
        .size = sizeof api,
        .parse = snapshot_parse,
        .format = snapshot_format,
        .count = snapshot_count,
        .at = snapshot_at,
        .value = snapshot_value,
        .with = snapshot_with,
        .without = snapshot_without,
        .merge = snapshot_merge,
        .hold = snapshot_hold,
        .release = snapshot_release,
        .current = current,
        .attach = attach,
        .detach = detach,
        .set = set,
        .remove = remove_key,
        .clear = clear,
    };
    return version >= 1 ? &api : NULL;
}
