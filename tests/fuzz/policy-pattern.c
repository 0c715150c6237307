/* "PATTERN\nTEXT": patterns of text and paths end in a moment, whatever they are, and agree with a
 * matcher that is slow and simple. */
#include <stdint.h>
#include <stdlib.h>

#include "policy/glob.h"
#include "policy/path.h"

/* For patterns of plain characters, * and ? only: what each prefix of the pattern matches. */
static bool simple_match(struct span pattern, struct span text)
{
    bool row[512] = { true };
    for (size_t p = 0; p < pattern.len; p++) {
        bool before = row[0];
        row[0] = row[0] && pattern.at[p] == '*';
        for (size_t t = 0; t < text.len; t++) {
            bool above = row[t + 1];
            bool same = pattern.at[p] == '?' || pattern.at[p] == text.at[t];
            row[t + 1] = pattern.at[p] == '*' ? above || row[t] : same && before;
            before = above;
        }
    }
    return row[text.len];
}

static bool is_simple(struct span pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (strchr("[\\", pattern.at[i]))
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text, taken = SPAN("");
    struct span pattern = span_cut(span_make((const char *)data, size), '\n', &text);
    if (!glob_fault(pattern)) {
        bool found = glob_match(pattern, text);
        if (is_simple(pattern) && text.len < 512 && found != simple_match(pattern, text))
            abort();
    }
    struct span path = path_of_target(text);
    bool doubtful = path_is_doubtful(path);
    if (!path_fault(pattern) && path_match(pattern, path, &taken) && taken.len &&
        (taken.at < text.at || taken.at + taken.len > text.at + text.len))
        abort();
    if (!doubtful && path.len > 1 && memmem(path.at, path.len, "/..", 3) == path.at + path.len - 3)
        abort();
    return 0;
}
