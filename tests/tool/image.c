/* testtool image: policies that are handed over (policy/image.h).
 *
 *     image FILE             writes the image of a settings file to standard output
 *     image adopt            says what becomes of the bytes on standard input
 *     image hostile SEEDS FILE...
 *                            changes bytes of images, makes their sums right again, and asks what
 *                            is taken for a policy all that can be asked */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/image_parts.h"
#include "policy/inbound.h"
#include "policy/policy.h"
#include "settings/settings.h"
#include "settings/verify.h"
#include "tool.h"

static _Alignas(16) char packed[LIMIT_IMAGE];

static void report(void *arg, const char *file, int line, bool is_error, const char *message)
{
    (void)arg, (void)is_error;
    fprintf(stderr, "%s:%d: %s\n", file, line, message);
}

/* Of a settings file, into `packed`; 0: it has errors. */
static size_t image_of(const char *file)
{
    static char text[LIMIT_SETTINGS_FILE];
    FILE *in = fopen(file, "r");
    if (!in)
        return 0;
    size_t len = fread(text, 1, sizeof text, in);
    fclose(in);
    struct policy *p =
        bellhop_settings_load_text_for_many(SETTINGS_ABI, file, span_make(text, len), report, NULL);
    len = p ? policy_pack(p, packed, sizeof packed) : 0;
    policy_free(p);
    return len;
}

static const struct surroundings *here(void)
{
    static char room[512], host[256];
    static struct surroundings s;
    struct buf arguments = buf_over(room, sizeof room);
    gethostname(host, sizeof host - 1);
    s = (struct surroundings){ .exe = SPAN("/usr/bin/testtool"),
                               .arguments = buf_span(&arguments),
                               .hostname = span_of(host),
                               .pid = (unsigned long)getpid(),
                               .environment = environ };
    return &s;
}

/* Where an image is adopted, with memory behind it that may not be touched. */
static char *place(void)
{
    static char *at;
    if (at)
        return at;
    at = mmap(NULL, LIMIT_IMAGE + IMAGE_ROOM + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(at, LIMIT_IMAGE + IMAGE_ROOM, PROT_READ | PROT_WRITE);
    return at;
}

/* So that the room ends where memory does. */
static enum image_fault adopt(const char *image, size_t len, const struct token_verifier *v,
                              struct policy **out)
{
    char *at = place() + LIMIT_IMAGE - ((len + 15) & ~(size_t)15);
    memcpy(at, image, len);
    return policy_adopt(at, len, here(), v, out);
}

const struct policy *tool_policy_by_image(const char *file)
{
    struct policy *p = NULL;
    size_t len = image_of(file);
    return len && adopt(packed, len, bellhop_token_verifier(VERIFIER_ABI), &p) == IMAGE_GOOD ? p
                                                                                             : NULL;
}

static int adopt_input(void)
{
    static const char *const words[] = {
        [IMAGE_GOOD] = "good",   [IMAGE_FOREIGN] = "foreign",   [IMAGE_BROKEN] = "broken",
        [IMAGE_LARGE] = "large", [IMAGE_VERIFIER] = "verifier",
    };
    struct policy *p;
    size_t len = fread(packed, 1, sizeof packed, stdin);
    puts(words[adopt(packed, len, NULL, &p)]);
    return 0;
}

/* --- hostile ones ----------------------------------------------------------------------------- */

static unsigned long long state;

static unsigned random_below(unsigned n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % n;
}

static void check_legal(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x21 || text.at[i] > 0x7e)
            abort();
}

/* Every question that is asked in a program, some of whose answers would be sent. */
static void ask(const struct policy *p)
{
    static const char list[] = "a=1,tenant-id=abcde;p=1,user-id=u,b=2,c=3,plan=x,secret=s";
    static char out[LIMIT_LIST], made[LIMIT_LIST], hash[POLICY_HASH_LEN];
    static struct baggage came, result;
    struct inbound_field field[40];
    struct inbound in = { .target = SPAN("/v1/orders/7?tenant=x&q=%41"),
                          .field = field,
                          .peer = SPAN("10.1.2.3"),
                          .port = 8080,
                          .came = &came };
    struct buf buf = buf_over(made, sizeof made);
    struct target to = {
        .host = SPAN("api.example.com"), .port = 443, .method = SPAN("GET"), .path = SPAN("/v1/x")
    };
    const char *reason;
    baggage_init(&came);
    baggage_parse(&came, span_of(list));
    for (unsigned i = 0; i < policy_watch(p)->count; i++)
        field[in.fields++] = (struct inbound_field){ (uint8_t)(HTTP_FORWARD + i),
                                                     SPAN("Bearer a.eyJhIjoiYiJ9.c; sid=5") };
    member_set set = policy_inbound(p, &in, &buf);
    baggage_init(&result);
    baggage_parse(&result, buf_span(&buf));
    check_legal(buf_span(&buf));
    if (result.dropped || (set & ~members_of(&came)))
        abort();
    for (int known = 0; known < 2; known++) {
        struct verdict v = policy_outbound(p, known ? &to : NULL, &came);
        member_set all = v.members | v.fixed | v.hashed;
        policy_fit(p, &v, &came, all, 3, 100);
        policy_rule_line(p, v.rule);
        for (unsigned i = 0; i < came.count; i++)
            if (v.fixed >> i & 1)
                check_legal(policy_fixed(p, v.rule, member_key(&came.member[i])));
        for (unsigned i = 0; i < came.count; i++)
            if ((v.hashed | policy_hashes(p, &came)) >> i & 1)
                policy_hash(p, &came.member[i], hash);
    }
    policy_released(p, policy_confidence(p, here()->exe), CONFIDENCE_IMMEDIATE, &came);
    policy_handed_over(p, &came);
    policy_wants_program(p, here()->exe, here()->arguments, &reason);
    check_legal(span_make(out, baggage_format(policy_set(p), MEMBERS_ALL, out, sizeof out)));
    check_legal(span_make(out, baggage_format(policy_default(p), MEMBERS_ALL, out, sizeof out)));
}

/* One byte, or a word that is a number or near the end of something. */
static void spoil(char *image, size_t len)
{
    static const uint32_t words[] = {
        0, 1, 2, 64, 255, 256, 65535, 65536, 1u << 20, 1u << 31, ~0u
    };
    size_t from = random_below(4) ? 0 : sizeof(struct image);
    size_t at = from + random_below((unsigned)(len - from));
    uint32_t word = words[random_below(sizeof words / sizeof *words)];
    if (random_below(2))
        image[at] = (char)random_below(256);
    else
        memcpy(image + (at & ~(size_t)3), &word, sizeof word);
}

static int hostile(unsigned long seeds, char **files)
{
    static char image[LIMIT_IMAGE];
    unsigned long good = 0, refused = 0;
    for (; *files; files++) {
        size_t len = image_of(*files);
        if (!len)
            return 1;
        for (unsigned long seed = 0; seed < seeds; seed++) {
            struct policy *p;
            memcpy(image, packed, len);
            state = seed;
            for (unsigned n = seed ? 1 + random_below(3) : 0; n; n--)
                spoil(image, len);
            image_seal((struct image *)(void *)image, len);
            if (adopt(image, len, bellhop_token_verifier(VERIFIER_ABI), &p) == IMAGE_GOOD)
                ask(p), good++;
            else
                refused++;
        }
    }
    printf("%lu taken, %lu refused\n", good, refused);
    return !good || !refused;
}

int tool_image(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "adopt") == 0)
        return adopt_input();
    if (argc > 3 && strcmp(argv[1], "hostile") == 0)
        return hostile(strtoul(argv[2], NULL, 10), argv + 3);
    size_t len = argc == 2 ? image_of(argv[1]) : 0;
    return len && fwrite(packed, 1, len, stdout) == len ? 0 : 1;
}
