/* Signatures of tokens, looked at by BearSSL: it allocates nothing, takes no lock and keeps no
 * state, so that it may be called wherever a program reads a request, and nothing of it is shared
 * with a TLS library of the program. Built into libbellhop-token.so, since the shim needs libc
 * alone. */
#ifndef BELLHOP_SETTINGS_VERIFY_H
#define BELLHOP_SETTINGS_VERIFY_H

#include "policy/token.h"

/* Valid as long as the library is loaded; NULL: `abi` is not this one's. */
#define VERIFIER_ABI 1
const struct token_verifier *bellhop_token_verifier(int abi);

#endif
