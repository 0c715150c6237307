#include "cli/record.h"

#include <stdio.h>

#include "cli/proc.h"

static void read_counters(struct record *r, struct span pairs)
{
    for (; pairs.len >= 12; pairs = span_make(pairs.at + 12, pairs.len - 12)) {
        uint32_t number;
        uint64_t value;
        memcpy(&number, pairs.at, sizeof number);
        memcpy(&value, pairs.at + sizeof number, sizeof value);
        if (number < COUNTERS)
            r->counter[number] = value;
    }
}

bool record_read(struct record *r, const struct wire_in *in)
{
    uint32_t off = 0, attached = 0;
    *r = (struct record){ .in = in };
    if (in->type != BELLHOP_CONTROL_RECORD || !wire_u32(in, BELLHOP_TAG_PID, &r->pid))
        return false;
    wire_u32(in, BELLHOP_TAG_UID, &r->uid);
    wire_u64(in, BELLHOP_TAG_AGE, &r->age);
    wire_u32(in, BELLHOP_TAG_OFF, &off);
    wire_u32(in, BELLHOP_TAG_ATTACHED, &attached);
    wire_u32(in, BELLHOP_TAG_RULES, &r->rules);
    wire_u64(in, BELLHOP_TAG_GENERATION, &r->generation);
    r->off = off;
    r->attached = attached;
    r->exe = wire_find(in, BELLHOP_TAG_EXE);
    r->members = wire_find(in, BELLHOP_TAG_MEMBERS);
    r->fleet = wire_find(in, BELLHOP_TAG_FLEET);
    read_counters(r, wire_find(in, BELLHOP_TAG_COUNTERS));
    return true;
}

const char *record_rules(const struct record *r)
{
    static const char *const words[] = {
        [BELLHOP_RULES_START] = "start",       [BELLHOP_RULES_FORMER] = "former",
        [BELLHOP_RULES_CURRENT] = "current",   [BELLHOP_RULES_NEXT] = "next",
        [BELLHOP_RULES_FOREIGN] = "foreign",   [BELLHOP_RULES_BROKEN] = "broken",
        [BELLHOP_RULES_LARGE] = "large",       [BELLHOP_RULES_VERIFIER] = "verifier",
        [BELLHOP_RULES_WITHHELD] = "withheld", [BELLHOP_RULES_CROWDED] = "crowded",
        [BELLHOP_RULES_MEMORY] = "memory",
    };
    return r->rules < sizeof words / sizeof *words ? words[r->rules] : "unknown";
}

bool record_thread(struct span *rest, uint32_t *tid, struct span *members)
{
    uint16_t tag;
    struct span value;
    while (wire_next(rest, &tag, &value)) {
        if (tag != BELLHOP_TAG_THREAD || value.len < sizeof *tid)
            continue;
        memcpy(tid, value.at, sizeof *tid);
        *members = span_make(value.at + sizeof *tid, value.len - sizeof *tid);
        return true;
    }
    return false;
}

uint64_t record_sum(const struct record *r, enum counter first, unsigned n)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += r->counter[first + i];
    return sum;
}

json_t *members_json(struct span list)
{
    static struct baggage parsed;
    static char plain[3 * LIMIT_LIST], meta[LIMIT_LIST];
    json_t *all = json_array();
    baggage_init(&parsed);
    baggage_parse(&parsed, list);
    for (uint32_t i = 0; i < parsed.count; i++) {
        const struct member *m = &parsed.member[i];
        struct span key = member_key(m);
        size_t len = percent_decode(member_value(m), plain, sizeof plain);
        json_t *one = json_object();
        json_object_set_new(one, "key", json_stringn(key.at, key.len));
        json_object_set_new(one, "value", json_stringn(plain, len));
        json_object_set_new(one, "metadata", json_stringn(meta, meta_format(m, meta, sizeof meta)));
        json_array_append_new(all, one);
    }
    return all;
}

static json_t *counters_json(const struct record *r)
{
    json_t *all = json_object();
    for (unsigned i = 0; i < COUNTERS; i++) {
        const struct counter_info *c = counter_info(i);
        json_t *value = json_integer((json_int_t)r->counter[i]);
        json_t *family = json_object_get(all, c->family);
        if (!*c->label) {
            json_object_set_new(all, c->family, value);
            continue;
        }
        if (!family)
            json_object_set_new(all, c->family, family = json_object());
        json_object_set_new(family, c->value, value);
    }
    return all;
}

static json_t *threads_json(const struct record *r)
{
    struct span rest = r->in->fields, members;
    uint32_t tid;
    json_t *all = json_array();
    while (record_thread(&rest, &tid, &members))
        json_array_append_new(
            all, json_pack("{s:i, s:o}", "tid", (int)tid, "members", members_json(members)));
    return all;
}

/* A path may be no UTF-8, which JSON cannot hold. */
json_t *text_json(struct span text)
{
    static char safe[3 * LIMIT_PATH];
    json_t *as_is = json_stringn(text.len ? text.at : "", text.len);
    if (as_is)
        return as_is;
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < sizeof safe; i++)
        safe[len++] = (signed char)text.at[i] < 0 ? '?' : text.at[i];
    return json_stringn(safe, len);
}

json_t *record_json(const struct record *r)
{
    struct proc_stat stat = { 0 };
    proc_stat((pid_t)r->pid, 0, &stat);
    return json_pack("{s:i, s:i, s:o, s:I, s:I, s:b, s:b, s:s, s:I, s:o, s:o, s:o}", "pid",
                     (int)r->pid, "uid", (int)r->uid, "program", text_json(r->exe), "age_ms",
                     (json_int_t)r->age, "threads", (json_int_t)stat.threads, "attached",
                     r->attached, "enabled", !r->off, "settings", record_rules(r), "generation",
                     (json_int_t)r->generation, "members", members_json(r->members),
                     "thread_members", threads_json(r), "counters", counters_json(r));
}

void print_json(json_t *root)
{
    json_dumpf(root, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(root);
}

void print_safely(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        putchar((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f ? '?' : text.at[i]);
}

void age_text(uint64_t ms, char *out)
{
    unsigned long s = (unsigned long)(ms / 1000);
    if (s < 60)
        snprintf(out, 16, "%lus", s);
    else if (s < 3600)
        snprintf(out, 16, "%lum%02lu", s / 60, s % 60);
    else if (s < 86400)
        snprintf(out, 16, "%luh%02lu", s / 3600, s / 60 % 60);
    else
        snprintf(out, 16, "%lud%02lu", s / 86400 % 100000, s / 3600 % 24);
}
