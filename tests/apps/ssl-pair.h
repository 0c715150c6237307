/* A TLS client and a TLS server of OpenSSL in one thread, joined by a pipe of a chosen size. */
#ifndef BELLHOP_TESTS_SSL_PAIR_H
#define BELLHOP_TESTS_SSL_PAIR_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pair {
    SSL *client, *server;
    char *got; /* what the server read */
    size_t len, room;
};

static inline void die(const char *why)
{
    fprintf(stderr, "%s\n", why);
    ERR_print_errors_fp(stderr);
    exit(2);
}

static inline void make_certificate(SSL_CTX *ctx)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    if (!key || !cert)
        die("no key");
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    if (!X509_sign(cert, key, EVP_sha256()) || SSL_CTX_use_certificate(ctx, cert) != 1 ||
        SSL_CTX_use_PrivateKey(ctx, key) != 1)
        die("no certificate");
    X509_free(cert);
    EVP_PKEY_free(key);
}

static inline SSL_CTX *server_context(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx)
        die("no context");
    make_certificate(ctx);
    return ctx;
}

/* Without certificates, for those that shake hands a hundred thousand times. */
static inline unsigned pair_secret(unsigned char *key, unsigned room)
{
    memset(key, 's', 16);
    return room < 16 ? 0 : 16;
}

static inline unsigned pair_client_secret(SSL *ssl, const char *hint, char *identity, unsigned size,
                                          unsigned char *key, unsigned room)
{
    (void)ssl, (void)hint;
    snprintf(identity, size, "us");
    return pair_secret(key, room);
}

static inline unsigned pair_server_secret(SSL *ssl, const char *identity, unsigned char *key,
                                          unsigned room)
{
    (void)ssl, (void)identity;
    return pair_secret(key, room);
}

static inline SSL_CTX *shared_context(const SSL_METHOD *method, int version)
{
    SSL_CTX *ctx = SSL_CTX_new(method);
    if (!ctx || SSL_CTX_set_cipher_list(ctx, "PSK-AES128-GCM-SHA256") != 1)
        die("no context");
    SSL_CTX_set_max_proto_version(ctx, version);
    SSL_CTX_set_options(ctx, SSL_OP_ALLOW_NO_DHE_KEX | SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_psk_client_callback(ctx, pair_client_secret);
    SSL_CTX_set_psk_server_callback(ctx, pair_server_secret);
    return ctx;
}

/* The server takes what has come. */
static inline void pair_pump(struct pair *p)
{
    char buf[16384];
    for (;;) {
        int n = SSL_read(p->server, buf, sizeof buf);
        if (n <= 0)
            break;
        while (p->len + (size_t)n > p->room) {
            p->room = p->room * 2 + 4096;
            p->got = realloc(p->got, p->room);
        }
        memcpy(p->got + p->len, buf, (size_t)n);
        p->len += (size_t)n;
    }
    ERR_clear_error();
}

static inline void pair_pipe(struct pair *p, size_t size)
{
    BIO *left = NULL, *right = NULL;
    if (BIO_new_bio_pair(&left, size, &right, 0) != 1)
        die("no pipe");
    SSL_set_bio(p->client, left, left);
    SSL_set_bio(p->server, right, right);
    SSL_set_connect_state(p->client);
    SSL_set_accept_state(p->server);
}

static inline void pair_shake(struct pair *p)
{
    for (int i = 0; i < 1000; i++) {
        int done = SSL_do_handshake(p->client) == 1;
        pair_pump(p);
        if (done && SSL_is_init_finished(p->server)) {
            ERR_clear_error();
            return;
        }
    }
    die("no handshake");
}

static inline void pair_open(struct pair *p, SSL_CTX *client, SSL_CTX *server, size_t size)
{
    *p = (struct pair){ .client = SSL_new(client), .server = SSL_new(server) };
    if (!p->client || !p->server)
        die("no session");
    pair_pipe(p, size);
}

static inline void pair_close(struct pair *p)
{
    SSL_free(p->client);
    SSL_free(p->server);
    free(p->got);
}

#endif
