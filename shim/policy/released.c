/* How sure a request has to be before its baggage applies. */
#include "policy/draft.h"
#include "policy/glob.h"
#include "policy/profile.h"
#include "policy/rules.h"

const char *policy_program_fault(struct span pattern)
{
    return glob_fault(pattern);
}

bool program_matches(struct span pattern, struct span exe_path)
{
    bool whole = pattern.len && memchr(pattern.at, '/', pattern.len);
    return glob_match(pattern, whole ? exe_path : profile_base_name(exe_path));
}

static enum confidence settings_say(const struct policy *p, struct span exe_path)
{
    for (uint32_t i = 0; i < p->profile_count; i++) {
        struct range r = p->profiles[i].programs;
        for (uint32_t k = 0; k < r.count; k++)
            if (program_matches(p->texts[r.at + k], exe_path))
                return p->profiles[i].least;
    }
    return p->least;
}

enum confidence policy_confidence(const struct policy *p, struct span exe_path)
{
    enum confidence least = p ? settings_say(p, exe_path) : CONFIDENCE_NONE;
    if (least == CONFIDENCE_NONE)
        least = profile_of(exe_path, NULL);
    return least == CONFIDENCE_NONE ? CONFIDENCE_LIVE : least;
}

static enum confidence key_least(const struct policy *p, struct span key, enum confidence otherwise)
{
    for (uint32_t i = 0; i < p->member_rule_count; i++)
        if (p->member_rules[i].least && keys_have(p, p->member_rules[i].keys, key))
            return p->member_rules[i].least;
    return otherwise;
}

bool policy_is_for_live(const struct policy *p, enum confidence least_of_process)
{
    for (uint32_t i = 0; p && i < p->member_rule_count; i++)
        if (p->member_rules[i].least && p->member_rules[i].least < CONFIDENCE_LIVE)
            return false;
    return least_of_process == CONFIDENCE_LIVE;
}

member_set policy_released(const struct policy *p, enum confidence least_of_process,
                           enum confidence now, const struct baggage *came)
{
    member_set out = MEMBERS_NONE;
    if (now == CONFIDENCE_NONE)
        return MEMBERS_NONE;
    if (!p || p->member_rule_count == 0)
        return now >= least_of_process ? members_of(came) : MEMBERS_NONE;
    for (uint32_t i = 0; i < came->count; i++)
        if (now >= key_least(p, member_key(&came->member[i]), least_of_process))
            out |= (member_set)1 << i;
    return out;
}
