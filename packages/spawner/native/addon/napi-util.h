/*
 * The few things that every file of the addon needs of Node-API: arguments in, values out, one way to fail.
 *
 * A failure of the system is an ordinary result and travels as a negative errno; exceptions are kept for a wrong use of
 * the addon (a TypeError) and for Node-API itself failing.
 */
#ifndef MAVERICK_NAPI_UTIL_H
#define MAVERICK_NAPI_UTIL_H

/* The oldest Node-API that has asynchronous clean-up hooks; every supported Node has it. */
#define NAPI_VERSION 8

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A row of an addon file's table of functions. */
struct addon_function {
  const char *name;
  napi_callback call;
};

/* Each file of the addon that offers functions has one such table, ended by a row without a name. */
extern const struct addon_function socket_functions[];
extern const struct addon_function poll_functions[];
extern const struct addon_function spawn_functions[];
extern const struct addon_function helper_functions[];
extern const struct addon_function process_functions[];
extern const struct addon_function file_functions[];
extern const struct addon_function exec_functions[];
extern const struct addon_function pty_functions[];
extern const struct addon_function log_functions[];
extern const struct addon_function inotify_functions[];
extern const struct addon_function bind_functions[];
extern const struct addon_function clock_functions[];
extern const struct addon_function terminal_functions[];
extern const struct addon_function machine_functions[];
extern const struct addon_function netlink_functions[];
extern const struct addon_function pidfd_functions[];
extern const struct addon_function ptrace_functions[];
extern const struct addon_function connector_functions[];
extern const struct addon_function notify_functions[];

/* Throws what Node-API last complained about, unless an exception is already on its way. Returns NULL. */
napi_value throw_last_error(napi_env env);

/* For functions that return napi_value: leave with an exception when a Node-API call fails. */
#define NAPI_TRY(env, call)                     \
  do {                                          \
    if ((call) != napi_ok)                      \
      return throw_last_error(env);             \
  } while (0)

/* For functions that return bool: the same, with false. */
#define NAPI_CHECK(env, call)                   \
  do {                                          \
    if ((call) != napi_ok) {                    \
      (void)throw_last_error(env);              \
      return false;                             \
    }                                           \
  } while (0)

/* Reads exactly `count` arguments; missing ones come as undefined. */
bool get_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments);
bool get_int(napi_env env, napi_value value, int *result);
bool get_bool(napi_env env, napi_value value, bool *result);

/* An array of numbers of at most `capacity`; `*count` is how many came. More is a RangeError. */
bool get_ints(napi_env env, napi_value value, int *result, uint32_t capacity, uint32_t *count);

/* The memory of a Buffer or another view; it stays JavaScript's. */
bool get_bytes(napi_env env, napi_value value, void **data, size_t *length);

/*
 * A path for the system, from a string or, byte for byte, from a Buffer, into `path` of PATH_MAX bytes. `*error` is 0 or
 * a negative errno: a path that does not fit is never cut short, and one with a NUL is not taken for its beginning.
 */
bool get_path(napi_env env, napi_value value, char *path, int *error);

/* A number; every integer of the system calls used here is exact in a double. */
napi_value make_number(napi_env env, int64_t number);
napi_value make_undefined(napi_env env);

/* `object[name] = number`. */
bool set_number(napi_env env, napi_value object, const char *name, int64_t number);

/* Defines the functions of a table on the addon's exports. */
bool define_functions(napi_env env, napi_value exports, const struct addon_function *functions);

#endif
