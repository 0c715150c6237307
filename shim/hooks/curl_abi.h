/* The functions of libcurl that we stand before: its stable ABI, with int for its enums and void *
 * for its handles, so that no header of it is needed to build the shim. */
#ifndef BELLHOP_HOOKS_CURL_ABI_H
#define BELLHOP_HOOKS_CURL_ABI_H

void *curl_easy_init(void);
int curl_easy_setopt(void *handle, int option, ...);
int curl_easy_perform(void *handle);
void *curl_easy_duphandle(void *handle);
void curl_easy_reset(void *handle);
void curl_easy_cleanup(void *handle);
int curl_multi_add_handle(void *multi, void *handle);
int curl_multi_remove_handle(void *multi, void *handle);
int curl_multi_perform(void *multi, int *running);
int curl_multi_socket_action(void *multi, int fd, int events, int *running);
int curl_multi_socket(void *multi, int fd, int *running);
int curl_multi_socket_all(void *multi, int *running);

#endif
