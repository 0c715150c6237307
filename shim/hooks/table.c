#include "hooks/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* By label: their prototypes are in as many headers as there are families. */
#define HOOK(family, name) extern char hook_##name[] __asm__(#name);
#include "hooks/hooks.def"
#undef HOOK

static const struct hook hooks[] = {
#define HOOK(family, name) { #name, hook_##name, FAMILY_##family },
#include "hooks/hooks.def"
#undef HOOK
};

static const struct {
    const char *objects;    /* base names begin so */
    const char *symbols[2]; /* and what they (or their needs) define, so */
} libraries[HOOK_FAMILIES] = {
    [FAMILY_curl] = { "libcurl", { "curl_", "curl_" } },
    [FAMILY_openssl] = { "libssl", { "SSL_", "BIO_" } },
    [FAMILY_gnutls] = { "libgnutls", { "gnutls_", "gnutls_" } },
};

const char *hook_library(enum hook_family family)
{
    return libraries[family].objects;
}

unsigned hook_object(const struct hook *hook)
{
    const char *second = libraries[hook->family].symbols[1];
    return 2 * (unsigned)hook->family + (strncmp(hook->name, second, strlen(second)) == 0);
}

static bool is_optional(const char *name)
{
    for (size_t i = 0; i < HOOK_FAMILIES; i++)
        for (size_t k = 0; k < 2 && libraries[i].objects; k++)
            if (strncmp(name, libraries[i].symbols[k], strlen(libraries[i].symbols[k])) == 0)
                return true;
    return false;
}

const struct hook *hook_optional(const char *name)
{
    if (!name || !is_optional(name))
        return NULL;
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
        if (libraries[hooks[i].family].objects && strcmp(hooks[i].name, name) == 0)
            return &hooks[i];
    return NULL;
}
