/* The inside of a draft, for the files that build one. */
#ifndef BELLHOP_POLICY_DRAFT_PARTS_H
#define BELLHOP_POLICY_DRAFT_PARTS_H

#include <errno.h>

#include "policy/draft_inbound.h"
#include "policy/member_list.h"
#include "policy/rules.h"

struct policy_draft {
    struct policy p; /* counts and pointers to arrays are filled in by policy_freeze */
    struct member_list set, fallback;
    struct array rules;        /* struct rule */
    struct array fixed;        /* struct fixed_rule */
    struct array member_rules; /* struct member_rule */
    struct array profiles;     /* struct profile_rule */
    struct array trust;        /* struct trust_rule */
    struct array make;         /* struct make_rule */
    struct array sources;      /* struct source */
    struct array tokens;       /* struct token_rule */
    struct array claims;       /* struct claim */
    struct array hosts;        /* struct host_pattern */
    struct array keys;         /* struct key_pattern */
    struct array texts;        /* struct span */
    struct array ports;        /* uint16_t */
    struct array templates;    /* struct member_template */
};

/* The item that was opened last; NULL: none. */
void *last_of(const struct array *a, size_t item);

/* Opens the next item; NULL with the reason in *err. */
void *open_next(struct array *a, size_t item, int *err);

/* Room for a pattern in the range of the item that was opened last, which it ends; NULL with the
 * reason in *err. The caller counts it, in the array and in the range. */
void *pattern_more(struct array *a, size_t item, struct range *r, int *err);

/* Add one pattern to a range, NULL: -EINVAL; results as the functions of draft.h. */
int add_key(struct policy_draft *d, struct range *r, struct span pattern);
int add_text(struct policy_draft *d, struct range *r, struct span text);
/* The index of a source, new or not; a negative errno. */
int add_header(struct policy_draft *d, struct span name);
int add_cookie(struct policy_draft *d, struct span name);

/* The index of the claim at this path ("org.id") of a token; a negative errno. */
int add_claim(struct policy_draft *d, struct span token, struct span path);

/* What is wrong with a path of names, or with a token's name here; NULL: nothing. */
const char *claim_fault(struct span path);
const char *token_fault(const struct policy_draft *d, struct span name);

int add_host(struct policy_draft *d, struct range *r, const struct host_pattern *parsed);

#endif
