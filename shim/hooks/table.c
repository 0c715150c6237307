#include "hooks/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* No table in here has a pointer in it: each would be a relocation at every start. */

#undef HOOK_curl
#undef HOOK_openssl
#undef HOOK_gnutls
#define HOOK_alias(name)
#define HOOK_dl(name)
#define HOOK_send(name)
#define HOOK_receive(name)
#define HOOK_connection(name)
#define HOOK_wait(name)
#define HOOK_process(name)
#define HOOK_fd(name)
#define HOOK_make(name)
#define HOOK_curl(name)    { #name, FAMILY_curl },
#define HOOK_openssl(name) { #name, FAMILY_openssl },
#define HOOK_gnutls(name)  { #name, FAMILY_gnutls },
#define HOOK(family, name) HOOK_##family(name)
static const struct hook hooks[] = {
#include "hooks/hooks.def"
};
#undef HOOK

static const struct {
    char objects[12];   /* base names begin so */
    char symbols[2][8]; /* and what they (or their needs) define, so */
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
        for (size_t k = 0; k < 2 && *libraries[i].objects; k++)
            if (strncmp(name, libraries[i].symbols[k], strlen(libraries[i].symbols[k])) == 0)
                return true;
    return false;
}

const struct hook *hook_optional(const char *name)
{
    if (!name || !is_optional(name))
        return NULL;
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
        if (strcmp(hooks[i].name, name) == 0)
            return &hooks[i];
    return NULL;
}
