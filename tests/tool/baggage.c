/* testtool baggage show    lines of one request on standard input, told for people
 * testtool baggage batch   one operation a line, `NAME [NUMBER...] [FIELD...]`, fields in hex, "-"
 * for the empty one; one answer a line
 *
 * Every operation of a batch runs twice: with each field right before, then right after, a page
 * that may not be touched, and with output buffers of exactly the allowed size before such a page.
 * A read or write past the end kills the tool, and an answer that depends on it reads "UNSTABLE".
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "baggage/baggage.h"
#include "tool.h"

enum { PAGE = 4096, ARENA = 64 * PAGE, FIELDS = 256, NUMBERS = 3 };

struct call {
    unsigned long long number[NUMBERS];
    struct span field[FIELDS];
    size_t fields;
    FILE *out;
};

/* --- guarded memory ------------------------------------------------------------------------- */

/* ARENA bytes between two pages that may not be touched. */
static char *arena_new(void)
{
    char *map = mmap(NULL, ARENA + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + PAGE, ARENA, PROT_READ | PROT_WRITE) != 0) {
        perror("testtool: mmap");
        exit(2);
    }
    return map + PAGE;
}

static char *field_arena(size_t i)
{
    static char *arenas[FIELDS];
    if (!arenas[i])
        arenas[i] = arena_new();
    return arenas[i];
}

/* `size` bytes that end where an untouchable page begins. */
static char *room(size_t size)
{
    static char *arena;
    if (!arena)
        arena = arena_new();
    memset(arena + ARENA - size, '#', size);
    return arena + ARENA - size;
}

/* At the end of its arena, or at its start with bytes after it that would change an answer. */
static struct span place(size_t i, struct span s, bool at_end)
{
    char *arena = field_arena(i);
    if (at_end) {
        memcpy(arena + ARENA - s.len, s.at, s.len);
        return span_make(arena + ARENA - s.len, s.len);
    }
    memset(arena, '7', s.len + PAGE);
    memcpy(arena, s.at, s.len);
    return span_make(arena, s.len);
}

/* --- output --------------------------------------------------------------------------------- */

static void put_hex(FILE *out, struct span s)
{
    if (s.len == 0)
        fputc('-', out);
    for (size_t i = 0; i < s.len; i++)
        fprintf(out, "%02x", (unsigned char)s.at[i]);
}

static void put_result(FILE *out, const char *at, size_t len, size_t failure)
{
    if (len == failure)
        fputs("none", out);
    else
        put_hex(out, span_make(at, len));
}

static void put_decoded(FILE *out, struct span raw)
{
    char *decoded = room(3 * raw.len);
    const size_t len = percent_decode(raw, decoded, 3 * raw.len);
    put_result(out, decoded, len, SIZE_MAX);
}

static void put_properties(FILE *out, struct span rest)
{
    struct span key, value;
    while (property_next(&rest, &key, &value)) {
        fputc(';', out);
        put_hex(out, key);
        if (!value.at)
            continue;
        fputc('=', out);
        put_hex(out, value);
    }
}

/* KEY=RAW=DECODED[;KEY[=RAW]...]:SENT */
static void put_member(FILE *out, const struct member *m)
{
    put_hex(out, member_key(m));
    fputc('=', out);
    put_hex(out, member_value(m));
    fputc('=', out);
    put_decoded(out, member_value(m));
    put_properties(out, member_meta(m));
    char *sent = room(m->wire_len);
    fputc(':', out);
    put_result(out, sent, member_format(m, sent, m->wire_len), 0);
}

static void put_list(FILE *out, const struct baggage *b)
{
    fprintf(out, "%u %u %u %u ", b->count, b->dropped, b->bytes, b->raw);
    char *text = room(b->bytes);
    put_result(out, text, baggage_format(b, MEMBERS_ALL, text, b->bytes), 0);
    for (uint32_t i = 0; i < b->count; i++) {
        fputc(' ', out);
        put_member(out, &b->member[i]);
    }
}

/* --- operations ----------------------------------------------------------------------------- */

static void parse_from(struct baggage *b, const struct call *c, size_t first)
{
    baggage_init(b);
    for (size_t i = first; i < c->fields; i++)
        baggage_parse(b, c->field[i]);
}

/* parse LINE...: count, dropped, bytes, raw, what would be sent, members */
static void op_parse(const struct call *c)
{
    struct baggage b;
    parse_from(&b, c, 0);
    put_list(c->out, &b);
}

/* add LINE...: as parse, of a list to which each member was added twice */
static void op_add(const struct call *c)
{
    struct baggage from, to;
    parse_from(&from, c, 0);
    baggage_init(&to);
    for (uint32_t i = 0; i < 2 * from.count; i++)
        baggage_add(&to, &from.member[i % from.count]);
    put_list(c->out, &to);
}

/* split AT SKIP TEXT: as parse, of two lines that lie SKIP bytes apart */
static void op_split(const struct call *c)
{
    struct baggage b;
    struct span line = c->field[0];
    const size_t at = c->number[0], next = at + c->number[1];
    baggage_init(&b);
    baggage_parse(&b, span_make(line.at, at));
    baggage_parse(&b, span_make(line.at + next, line.len - next));
    put_list(c->out, &b);
}

/* find KEY LINE...: index */
static void op_find(const struct call *c)
{
    struct baggage b;
    parse_from(&b, c, 1);
    fprintf(c->out, "%d", baggage_find(&b, c->field[0]));
}

/* join OWN LINE...: the own members that are missing, those that fit, and both lists as one */
static void op_join(const struct call *c)
{
    struct baggage own, b;
    parse_from(&b, c, 1);
    baggage_init(&own);
    baggage_parse(&own, c->field[0]);
    const member_set missing = baggage_missing(&own, &b);
    const member_set fit = baggage_fit(&own, missing, b.count, b.bytes);
    fprintf(c->out, "%llx %llx ", (unsigned long long)missing, (unsigned long long)fit);

    char *text = room(LIMIT_LIST);
    size_t len = baggage_format(&b, MEMBERS_ALL, text, LIMIT_LIST);
    if (len && fit)
        text[len++] = ',';
    len += baggage_format(&own, fit, text + len, LIMIT_LIST - len);
    put_hex(c->out, span_make(text, len));
}

/* fit MASK USED_MEMBERS USED_BYTES LINE...: mask */
static void op_fit(const struct call *c)
{
    struct baggage b;
    parse_from(&b, c, 0);
    fprintf(c->out, "%llx",
            (unsigned long long)baggage_fit(&b, c->number[0], c->number[1], c->number[2]));
}

/* format MASK MAX LINE...: length, text */
static void op_format(const struct call *c)
{
    struct baggage b;
    parse_from(&b, c, 0);
    char *text = room(c->number[1]);
    fprintf(c->out, "%zu ", baggage_format_len(&b, c->number[0]));
    put_result(c->out, text, baggage_format(&b, c->number[0], text, c->number[1]), 0);
}

/* encode MAX BYTES, decode MAX BYTES */
static void op_encode(const struct call *c)
{
    char *text = room(c->number[0]);
    put_result(c->out, text, percent_encode(c->field[0], text, c->number[0]), SIZE_MAX);
}

static void op_decode(const struct call *c)
{
    char *text = room(c->number[0]);
    put_result(c->out, text, percent_decode(c->field[0], text, c->number[0]), SIZE_MAX);
}

/* compose MAX KEY VALUE META */
static void op_compose(const struct call *c)
{
    char *text = room(c->number[0]);
    const size_t len = member_compose(c->field[0], c->field[1], c->field[2], text, c->number[0]);
    put_result(c->out, text, len, 0);
}

/* properties META, key KEY */
static void op_properties(const struct call *c)
{
    put_properties(c->out, c->field[0]);
    fputc('.', c->out);
}

static void op_key(const struct call *c)
{
    fputs(baggage_is_key(c->field[0]) ? "yes" : "no", c->out);
}

static const struct operation {
    const char *name;
    size_t numbers, fields; /* at least */
    void (*run)(const struct call *c);
} operations[] = {
    { "parse", 0, 0, op_parse },     { "add", 0, 0, op_add },
    { "find", 0, 1, op_find },       { "join", 0, 1, op_join },
    { "fit", 3, 0, op_fit },         { "format", 2, 0, op_format },
    { "encode", 1, 1, op_encode },   { "decode", 1, 1, op_decode },
    { "compose", 1, 3, op_compose }, { "properties", 0, 1, op_properties },
    { "key", 0, 1, op_key },         { "split", 2, 1, op_split },
};

/* --- batch ---------------------------------------------------------------------------------- */

static const struct operation *operation_named(const char *name)
{
    for (size_t i = 0; name && i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    return NULL;
}

/* In place. False: no hex, or more than a field may hold. */
static bool unhex(char *word, struct span *out)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = 0;
    *out = span_make(word, 0);
    if (strcmp(word, "-") == 0)
        return true;
    for (; word[2 * len]; len++) {
        const char *high = strchr(digits, word[2 * len]);
        const char *low = word[2 * len + 1] ? strchr(digits, word[2 * len + 1]) : NULL;
        if (!high || !low)
            return false;
        word[len] = (char)((high - digits) << 4 | (low - digits));
    }
    out->len = len;
    return len <= ARENA - PAGE;
}

static const struct operation *read_call(char *line, struct call *c)
{
    char *at = NULL;
    const struct operation *op = operation_named(strtok_r(line, " \n", &at));
    for (size_t i = 0; op && i < op->numbers; i++) {
        const char *word = strtok_r(NULL, " \n", &at);
        if (!word)
            return NULL;
        c->number[i] = strtoull(word, NULL, 0);
    }
    c->fields = 0;
    for (char *word; op && (word = strtok_r(NULL, " \n", &at)); c->fields++)
        if (c->fields == FIELDS || !unhex(word, &c->field[c->fields]))
            return NULL;
    return op && c->fields >= op->fields ? op : NULL;
}

/* The answer, which the caller frees. */
static char *answer(const struct operation *op, const struct call *call, bool at_end)
{
    struct call c = *call;
    char *text = NULL;
    size_t len = 0;
    for (size_t i = 0; i < c.fields; i++)
        c.field[i] = place(i, call->field[i], at_end);
    c.out = open_memstream(&text, &len);
    op->run(&c);
    fclose(c.out);
    return text;
}

static int batch(void)
{
    static struct call call;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        const struct operation *op = read_call(line, &call);
        if (!op) {
            fprintf(stderr, "testtool: no such operation: %.60s\n", line);
            free(line);
            return 2;
        }
        char *before = answer(op, &call, true), *after = answer(op, &call, false);
        puts(strcmp(before, after) == 0 ? before : "UNSTABLE");
        free(before);
        free(after);
    }
    free(line);
    return fflush(stdout) == 0 ? 0 : 1;
}

/* --- for people ----------------------------------------------------------------------------- */

static void show_text(const char *label, struct span s)
{
    printf("%s", label);
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] > 0x20 && s.at[i] < 0x7F && s.at[i] != '\\')
            putchar(s.at[i]);
        else
            printf("\\x%02x", (unsigned char)s.at[i]);
}

static void show_member(const struct member *m)
{
    static char text[3 * UINT16_MAX];
    show_text("member ", member_key(m));
    show_text(" raw=", member_value(m));
    show_text(" decoded=", span_make(text, percent_decode(member_value(m), text, sizeof text)));
    show_text(" sent=", span_make(text, member_format(m, text, sizeof text)));
    putchar('\n');
    struct span rest = member_meta(m), key, value;
    while (property_next(&rest, &key, &value)) {
        show_text("  property ", key);
        if (value.at)
            show_text(" raw=", value);
        putchar('\n');
    }
}

static int show(void)
{
    static char text[4 * LIMIT_RAW];
    struct baggage b;
    struct span rest = span_make(text, fread(text, 1, sizeof text, stdin));
    baggage_init(&b);
    while (rest.len)
        baggage_parse(&b, span_cut(rest, '\n', &rest));
    printf("members=%u dropped=%u bytes=%u\n", b.count, b.dropped, b.bytes);
    for (uint32_t i = 0; i < b.count; i++)
        show_member(&b.member[i]);
    return 0;
}

int tool_baggage(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "batch") == 0)
        return batch();
    if (argc == 2 && strcmp(argv[1], "show") == 0)
        return show();
    fprintf(stderr, "testtool baggage batch|show\n");
    return 2;
}
