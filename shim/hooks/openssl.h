/* OpenSSL's sessions: what the hooks of its SSL and of its BIO functions share. */
#ifndef BELLHOP_HOOKS_OPENSSL_H
#define BELLHOP_HOOKS_OPENSSL_H

#include "carrier/session.h"
#include "hooks/openssl_abi.h"

/* One copy of the library. */
struct openssl {
    int (*clear)(void *);
    int (*write)(void *, const void *, int);
    int (*write_ex)(void *, const void *, size_t, size_t *);
    int (*write_ex2)(void *, const void *, size_t, uint64_t, size_t *);
    int (*write_early)(void *, const void *, size_t, size_t *);
    ssize_t (*sendfile)(void *, int, off_t, size_t, int);
    int (*read)(void *, void *, int);
    int (*read_ex)(void *, void *, size_t, size_t *);
    int (*bio_write)(void *, const void *, int);
    int (*bio_write_ex)(void *, const void *, size_t, size_t *);
    int (*bio_puts)(void *, const char *);
    int (*bio_vprintf)(void *, const char *, va_list);
    int (*bio_read)(void *, void *, int);
    int (*bio_read_ex)(void *, void *, size_t, size_t *);
    int (*bio_gets)(void *, char *, int);
    /* asked, not hooked; any may be missing */
    int (*is_server)(const void *);
    int (*rfd)(const void *);
    int (*is_dtls)(const void *);
    int (*is_quic)(const void *);
    int (*in_init)(const void *);
    int (*want)(const void *);
    long (*ctrl)(void *, int, long, void *);
    int (*early_status)(const void *);
    void *(*session_of)(const void *);
    unsigned (*max_early)(const void *);
    int (*new_index)(long, void *, void *, openssl_ex_dup *, openssl_ex_free *);
    int (*new_index_of)(int, long, void *, void *, openssl_ex_dup *, openssl_ex_free *);
    int (*set_ex)(void *, int, void *);
    void *(*get_ex)(const void *, int);
    int (*bio_type)(const void *);
    void *(*bio_next)(void *);
    long (*bio_ctrl)(void *, int, long, void *);
    int (*bio_vsnprintf)(char *, size_t, const char *, va_list);
};

/* The copy that a call from `caller` means; one with nothing in it if there is none. */
const struct openssl *openssl_of(const void *caller);

/* Notes of a session: by what ways it was written to, and whether behind a handshake; the rest
 * counts bytes of early data. */
enum {
    OPENSSL_DIRECT = 1,
    OPENSSL_BUFFERED = 2,
    OPENSSL_EARLY = 4,
    OPENSSL_SHAKEN = 8,
    OPENSSL_EARLY_BYTE = 16,
};

/* The session that a write goes into by this way, begun here if it is a client's first; NULL: none
 * of ours, or this is a call that the library makes itself. */
struct session *openssl_session(const struct openssl *o, void *ssl, unsigned way);

/* The session that was begun already, or NULL. */
struct session *openssl_known(const struct openssl *o, const void *ssl);

/* What goes into this handle is not seen: it is none of ours until it is cleared. */
void openssl_leave_alone(const struct openssl *o, void *ssl);

/* The handle begins anew. */
void openssl_forget(const struct openssl *o, void *ssl);

/* What a call that writes into `ssl` came to. */
enum session_result openssl_result(const struct openssl *o, const void *ssl, bool took);

/* session_send, in the mode of the handle. */
bool openssl_send(const struct openssl *o, void *ssl, struct session *s, const void *data,
                  size_t len, struct session_way way, size_t *taken);

/* If it is a server's session: the bytes that it sent; NULL: they were not seen. */
void openssl_answered(const struct openssl *o, const void *ssl, const void *data, size_t len);

/* The bytes that were read from it. */
void openssl_received(const struct openssl *o, void *ssl, const void *data, size_t len);

#endif
