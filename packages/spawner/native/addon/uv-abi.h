/*
 * The part of libuv that the addon uses, declared here instead of through <uv.h>.
 *
 * libuv's header comes with Node's full headers only, which a compiler-only machine does not have; node-api-headers
 * leaves it out. Node exports libuv's functions, and libuv 1.x keeps their ABI and the values of its enumerations
 * stable. Handles are opaque to us: their size is asked for at run time, so that no layout is assumed.
 */
#ifndef MAVERICK_UV_ABI_H
#define MAVERICK_UV_ABI_H

#include <stddef.h>

typedef struct uv_loop_s uv_loop_t;
typedef struct uv_handle_s uv_handle_t;
typedef struct uv_poll_s uv_poll_t;
typedef struct uv_signal_s uv_signal_t;

enum { UV_POLL = 8, UV_SIGNAL = 16 };
enum { UV_READABLE = 1, UV_WRITABLE = 2, UV_DISCONNECT = 4 };

typedef void (*uv_close_cb)(uv_handle_t *handle);
typedef void (*uv_poll_cb)(uv_poll_t *handle, int status, int events);
typedef void (*uv_signal_cb)(uv_signal_t *handle, int signal);

size_t uv_handle_size(int type);
const char *uv_handle_type_name(int type);
void *uv_handle_get_data(const uv_handle_t *handle);
void uv_handle_set_data(uv_handle_t *handle, void *data);
int uv_is_closing(const uv_handle_t *handle);
void uv_close(uv_handle_t *handle, uv_close_cb done);
void uv_ref(uv_handle_t *handle);
void uv_unref(uv_handle_t *handle);

int uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd);
int uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb call);
int uv_poll_stop(uv_poll_t *handle);

int uv_signal_init(uv_loop_t *loop, uv_signal_t *handle);
int uv_signal_start(uv_signal_t *handle, uv_signal_cb call, int signal);

#endif
