/* The functions of GnuTLS that we stand before or ask: the ABI of libgnutls.so.30, with void * for
 * its handles, so that no header of it is needed to build the shim. */
#ifndef BELLHOP_HOOKS_GNUTLS_ABI_H
#define BELLHOP_HOOKS_GNUTLS_ABI_H

#include <stddef.h>
#include <sys/types.h>

struct gnutls_range {
    size_t low, high;
};

int gnutls_init(void **session, unsigned flags);
void gnutls_deinit(void *session);
ssize_t gnutls_record_send(void *session, const void *data, size_t len);
ssize_t gnutls_record_send2(void *session, const void *data, size_t len, size_t pad,
                            unsigned flags);
ssize_t gnutls_record_send_range(void *session, const void *data, size_t len,
                                 const struct gnutls_range *range);
ssize_t gnutls_record_send_early_data(void *session, const void *data, size_t len);
ssize_t gnutls_record_send_file(void *session, int fd, off_t *offset, size_t count);
void gnutls_record_cork(void *session);
int gnutls_record_uncork(void *session, unsigned flags);
size_t gnutls_record_check_corked(void *session);
ssize_t gnutls_record_recv(void *session, void *data, size_t len);

enum {
    GNUTLS_FLAG_SERVER = 1,
    GNUTLS_FLAG_CLIENT = 2,
    GNUTLS_FLAG_DATAGRAM = 4,
    GNUTLS_INVALID_SESSION = -10,
    GNUTLS_AGAIN = -28,
    GNUTLS_INTERRUPTED = -52,
};

#endif
