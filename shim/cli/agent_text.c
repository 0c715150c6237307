#include "cli/agent_text.h"

#include <stdlib.h>

#include "control/wire.h"

/* The agent does one thing at a time. */
static struct baggage strong_list, weak_list, made;

static void parse(struct baggage *list, struct span text)
{
    baggage_init(list);
    baggage_parse(list, text);
}

static void add(struct baggage *to, const struct baggage *from, member_set set)
{
    for (uint32_t i = 0; i < from->count; i++)
        if (set >> i & 1)
            baggage_add(to, &from->member[i]);
}

static char *text_of(const struct baggage *list, bool *failed)
{
    size_t len = baggage_format_len(list, MEMBERS_ALL);
    if (list->count == 0)
        return NULL;
    char *text = malloc(len + 1);
    if (!text) {
        *failed = true;
        return NULL;
    }
    text[baggage_format(list, MEMBERS_ALL, text, len)] = 0;
    return text;
}

char *text_merge(struct span strong, struct span weak, bool cut, bool *failed)
{
    parse(&strong_list, strong);
    parse(&weak_list, weak);
    member_set missing = baggage_missing(&weak_list, &strong_list);
    member_set fitting = baggage_fit(&weak_list, missing, strong_list.count, strong_list.bytes);
    if (!cut && (fitting != missing || strong_list.dropped)) {
        *failed = true;
        return NULL;
    }
    baggage_init(&made);
    add(&made, &weak_list, fitting);
    add(&made, &strong_list, MEMBERS_ALL);
    return text_of(&made, failed);
}

static bool names(const struct wire_in *keys, struct span key)
{
    struct span rest = keys->fields, value;
    uint16_t tag;
    while (wire_next(&rest, &tag, &value))
        if (tag == BELLHOP_TAG_KEY && span_equal(value, key))
            return true;
    return false;
}

char *text_without(struct span text, const struct wire_in *keys, bool *failed)
{
    member_set kept = MEMBERS_NONE;
    parse(&weak_list, text);
    for (uint32_t i = 0; i < weak_list.count; i++)
        if (!names(keys, member_key(&weak_list.member[i])))
            kept |= (member_set)1 << i;
    baggage_init(&made);
    add(&made, &weak_list, kept);
    return text_of(&made, failed);
}

char *text_checked(struct span list)
{
    bool failed = false;
    parse(&weak_list, list);
    return weak_list.dropped ? NULL : text_of(&weak_list, &failed);
}
