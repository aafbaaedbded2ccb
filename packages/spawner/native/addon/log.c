/* How a daemon reaches its log process; what they say to each other is native/log-process/log-protocol.h. */
#include "address.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOCKET = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK };

/* logSocketPair() -> { ours, theirs }, or a negative errno */
static napi_value log_socket_pair(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value object;
  int fds[2];
  if (socketpair(AF_UNIX, SOCKET, 0, fds) < 0)
    return make_number(env, -errno);
  if (napi_create_object(env, &object) == napi_ok && set_number(env, object, "ours", fds[0]) &&
      set_number(env, object, "theirs", fds[1]))
    return object;
  (void)close(fds[0]);
  (void)close(fds[1]);
  return throw_last_error(env);
}

/* logConnect(address) -> fd, or a negative errno */
static napi_value log_connect(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct sockaddr_un address;
  socklen_t size;
  char text[sizeof address.sun_path + 2];
  size_t length;
  if (!get_arguments(env, info, 1, &argument))
    return NULL;
  NAPI_TRY(env, napi_get_value_string_utf8(env, argument, text, sizeof text, &length));
  int result = fill_unix_address(text, length, &address, &size);
  if (result < 0)
    return make_number(env, result);
  int fd = socket(AF_UNIX, SOCKET, 0);
  if (fd < 0)
    return make_number(env, -errno);
  if (connect(fd, (struct sockaddr *)&address, size) == 0)
    return make_number(env, fd);
  result = -errno;
  (void)close(fd);
  return make_number(env, result);
}

/* logWait(fd, timeoutMs) -> 1 when there is something to receive, 0 when there is not, or a negative errno */
static napi_value log_wait(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct pollfd daemon = {.events = POLLIN};
  int timeout_ms;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &daemon.fd) ||
      !get_int(env, arguments[1], &timeout_ms))
    return NULL;
  int result = poll(&daemon, 1, timeout_ms);
  return make_number(env, result < 0 && errno != EINTR ? -errno : result > 0);
}

/*
 * logReap(pid) -> 0 once the program has left itself to init, or a negative errno. It does so at once: waiting here
 * keeps everybody else who waits for children from hearing of it.
 */
static napi_value log_reap(napi_env env, napi_callback_info info) {
  napi_value argument;
  int pid, status = 0;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &pid))
    return NULL;
  pid_t reaped;
  do
    reaped = waitpid(pid, &status, 0);
  while (reaped < 0 && errno == EINTR);
  int error = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
  return make_number(env, reaped < 0 ? -errno : -error);
}

const struct addon_function log_functions[] = {
    {"logSocketPair", log_socket_pair},
    {"logConnect", log_connect},
    {"logWait", log_wait},
    {"logReap", log_reap},
    {NULL, NULL},
};
