#include "cli/agent_fleet.h"

#include <unistd.h>

#include "cli/agent_pages.h"
#include "cli/cli.h"
#include "policy/image.h"
#include "settings/settings.h"

enum { OWN, OTHERS, KINDS };
static struct {
    struct fleet_page *page; /* NULL: not wanted */
    int fd;                  /* to hand out */
} fleet[KINDS] = { { .fd = -1 }, { .fd = -1 } };

static struct slot *settings_of(int kind)
{
    return &fleet[kind].page->settings;
}

static void write_settings(int kind, struct span image)
{
    slot_write(settings_of(kind), fleet[kind].page->settings_image.word[0], LIMIT_IMAGE / 8, image,
               0);
}

static bool make(int kind)
{
    void *at;
    fleet[kind].fd = pages_make(PAGES_FLEET, true, &at);
    if (fleet[kind].fd < 0)
        return false;
    fleet[kind].page = at;
    fleet[kind].page->magic = PAGES_MAGIC;
    fleet[kind].page->version = PAGES_VERSION;
    write_settings(kind, (struct span){ 0 });
    return true;
}

bool fleet_start(void)
{
    if (!make(OWN) || (geteuid() == 0 && !make(OTHERS))) {
        say("cannot make the shared page: %m");
        return false;
    }
    fleet_members((struct span){ 0 });
    return true;
}

int fleet_fd(uid_t uid)
{
    return fleet[uid == geteuid() || !fleet[OTHERS].page ? OWN : OTHERS].fd;
}

void fleet_beat(int64_t now)
{
    for (int i = 0; i < KINDS; i++)
        if (fleet[i].page)
            atomic_store(&fleet[i].page->beat, now);
}

void fleet_members(struct span members)
{
    for (int i = 0; i < KINDS; i++)
        if (fleet[i].page)
            SLOT_WRITE(&fleet[i].page->members, &fleet[i].page->members_text, members, 0);
}

uint64_t fleet_settings_generation(void)
{
    return atomic_load(&fleet[OWN].page->settings_generation);
}

/* --- settings ------------------------------------------------------------------------------- */

static void report(void *arg, const char *file, int line, bool is_error, const char *message)
{
    (void)arg;
    if (is_error)
        say("%s:%d: %s", file, line, message);
}

bool fleet_settings(const char *name, struct span text)
{
    static _Alignas(16) char image[LIMIT_IMAGE];
    struct policy *p = bellhop_settings_load_text_for_many(SETTINGS_ABI, name, text, report, NULL);
    size_t len = p ? policy_pack(p, image, sizeof image) : 0;
    bool secret = p && policy_is_secret(p);
    if (p && !len)
        say("%s: the settings are too large to be handed over", name);
    policy_free(p);
    if (!len)
        return false;
    uint64_t generation = pages_generation();
    for (int i = 0; i < KINDS; i++) {
        if (!fleet[i].page)
            continue;
        bool withheld = secret && i == OTHERS;
        write_settings(i, withheld ? (struct span){ 0 } : span_make(image, len));
        atomic_store(&fleet[i].page->settings_generation, generation);
    }
    return true;
}
