/* B that asks by GnuTLS: gnutls-rules PORT|PATH CA. */
#include <gnutls/gnutls.h>

#include "rules-serve.h"

static gnutls_certificate_credentials_t trusted;

static bool rules_exchange(int fd, const char *host, const char *text, size_t size)
{
    char buf[4096];
    bool any = false;
    int result = -1;
    ssize_t n;
    gnutls_session_t session;
    if (gnutls_init(&session, GNUTLS_CLIENT) < 0)
        return false;
    gnutls_set_default_priority(session);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, trusted);
    gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, strlen(host));
    gnutls_session_set_verify_cert(session, host, 0);
    gnutls_transport_set_int(session, fd);
    do
        result = gnutls_handshake(session);
    while (result < 0 && !gnutls_error_is_fatal(result));
    if (result == 0 && gnutls_record_send(session, text, size) == (ssize_t)size)
        while ((n = gnutls_record_recv(session, buf, sizeof buf)) > 0 || n == GNUTLS_E_AGAIN)
            any = any || n > 0;
    gnutls_deinit(session);
    return any;
}

int main(int argc, char **argv)
{
    gnutls_certificate_allocate_credentials(&trusted);
    if (argc != 3 ||
        gnutls_certificate_set_x509_trust_file(trusted, argv[2], GNUTLS_X509_FMT_PEM) < 1)
        return 2;
    rules_run(argv[1]);
}
