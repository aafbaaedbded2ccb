/*
 * Sockets of every family and type: made, set up, bound, listened on, accepted from. Each is non-blocking and
 * close-on-exec. Failures are negative errnos.
 */
#include "address.h"
#include "arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef IPV6_TRANSPARENT
#define IPV6_TRANSPARENT 75
#endif
#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif

/* What is asked for; the order of `types` and the bits of `options` are those of src/listen.ts. */
struct wish {
  union address address;
  socklen_t size;
  int type, protocol, backlog, mode;
  uint32_t options;
  uint32_t uid, gid;
  bool has_mode, has_uid, has_gid;
};

static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_RAW};

enum { REUSE_ADDRESS = 1, REUSE_PORT = 2, KEEP_ALIVE = 4, FREE_BIND = 8, TRANSPARENT = 16, V6_ONLY = 32, CREDENTIALS = 64 };

/* The option of the socket API behind a bit. */
struct option {
  int level, name;
};

/* Where the family has no such option. No level is negative. */
static const struct option none = {-1, 0};

static struct option option_of(uint32_t bit, int family) {
  bool v6 = family == AF_INET6, v4 = family == AF_INET;
  switch (bit) {
    case REUSE_ADDRESS:
      return (struct option){SOL_SOCKET, SO_REUSEADDR};
    case REUSE_PORT:
      return (struct option){SOL_SOCKET, SO_REUSEPORT};
    case KEEP_ALIVE:
      return (struct option){SOL_SOCKET, SO_KEEPALIVE};
    case CREDENTIALS:
      return (struct option){SOL_SOCKET, SO_PASSCRED};
    case FREE_BIND:
      return v6 ? (struct option){IPPROTO_IPV6, IPV6_FREEBIND} : v4 ? (struct option){IPPROTO_IP, IP_FREEBIND} : none;
    case TRANSPARENT:
      return v6   ? (struct option){IPPROTO_IPV6, IPV6_TRANSPARENT}
             : v4 ? (struct option){IPPROTO_IP, IP_TRANSPARENT}
                  : none;
    default:
      return v6 ? (struct option){IPPROTO_IPV6, IPV6_V6ONLY} : none;
  }
}

/* 0 or a negative errno. IPv6 sockets are told even that they are not V6ONLY: the system's default may be either. */
static int set_options(int fd, const struct wish *wish) {
  for (uint32_t bit = REUSE_ADDRESS; bit <= CREDENTIALS; bit <<= 1) {
    int on = (wish->options & bit) != 0;
    struct option option = option_of(bit, wish->address.any.sa_family);
    if (!on && (bit != V6_ONLY || option.level < 0))
      continue;
    if (option.level < 0)
      return -ENOPROTOOPT;
    if (setsockopt(fd, option.level, option.name, &on, sizeof on) < 0)
      return -errno;
  }
  return 0;
}

/* chmod through a descriptor that is only a path, which no libc offers on every kernel. */
static int set_mode(int fd, mode_t mode) {
  char path[64];
  (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return chmod(path, mode) < 0 ? -errno : 0;
}

/*
 * Owner and mode of a socket's file. It was made with no permission at all, so nobody could connect yet; it is held by
 * a descriptor, and must be what we made, so that nothing else that was put in its place is given away.
 */
static int hand_out(const char *path, const struct wish *wish) {
  struct stat status;
  int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  int result = fstat(fd, &status) < 0 ? -errno : 0;
  if (result == 0 && (!S_ISSOCK(status.st_mode) || (status.st_mode & 07777) != 0 || status.st_uid != geteuid()))
    result = -ESTALE;
  if (result == 0 && (wish->has_uid || wish->has_gid) &&
      fchownat(fd, "", wish->has_uid ? (uid_t)wish->uid : (uid_t)-1, wish->has_gid ? (gid_t)wish->gid : (gid_t)-1,
               AT_EMPTY_PATH) < 0)
    result = -errno;
  if (result == 0)
    result = set_mode(fd, (mode_t)wish->mode);
  (void)close(fd);
  return result;
}

static bool is_path(const struct wish *wish) {
  return wish->address.any.sa_family == AF_UNIX && wish->address.path.sun_path[0] != '\0';
}

/* The mode of a socket that is not bound yet is what its file will have, before the umask. */
static int bind_path(int fd, const struct wish *wish) {
  char path[sizeof wish->address.path.sun_path + 1] = "";
  memcpy(path, wish->address.path.sun_path, sizeof wish->address.path.sun_path);
  if (fchmod(fd, 0) < 0 || bind(fd, &wish->address.any, wish->size) < 0)
    return -errno;
  int result = hand_out(path, wish);
  if (result < 0)
    (void)unlink(path);
  return result;
}

static int bind_and_listen(int fd, const struct wish *wish) {
  int result = set_options(fd, wish);
  if (result < 0)
    return result;
  if (is_path(wish) && wish->has_mode)
    result = bind_path(fd, wish);
  else if (bind(fd, &wish->address.any, wish->size) < 0)
    result = -errno;
  if (result == 0 && wish->backlog >= 0 && listen(fd, wish->backlog) < 0)
    result = -errno;
  return result;
}

static int close_failed(int fd, int result) {
  if (result < 0)
    (void)close(fd);
  return result < 0 ? result : fd;
}

static int new_socket(const struct wish *wish) {
  int fd = socket(wish->address.any.sa_family, types[wish->type] | SOCK_CLOEXEC | SOCK_NONBLOCK, wish->protocol);
  return fd < 0 ? -errno : fd;
}

static bool read_wish(napi_env env, napi_value object, struct wish *wish, int *error) {
  napi_value address;
  memset(wish, 0, sizeof *wish);
  NAPI_CHECK(env, napi_get_named_property(env, object, "address", &address));
  if (!read_address(env, address, &wish->address, &wish->size, error) || !read_int(env, object, "type", &wish->type) ||
      !read_int(env, object, "protocol", &wish->protocol))
    return false;
  if (wish->type >= 0 && (size_t)wish->type < sizeof types / sizeof *types)
    return true;
  (void)napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "there is no such type of socket");
  return false;
}

/* socketBind({ address, type, protocol, backlog, options, mode, uid, gid }) -> fd; backlog -1: does not listen */
static napi_value socket_bind(napi_env env, napi_callback_info info) {
  napi_value object;
  struct wish wish;
  int error, options;
  if (!get_arguments(env, info, 1, &object) || !read_wish(env, object, &wish, &error) ||
      !read_int(env, object, "backlog", &wish.backlog) || !read_int(env, object, "options", &options) ||
      !read_optional_int(env, object, "mode", &wish.has_mode, &wish.mode) ||
      !read_optional_uint32(env, object, "uid", &wish.has_uid, &wish.uid) ||
      !read_optional_uint32(env, object, "gid", &wish.has_gid, &wish.gid))
    return NULL;
  wish.options = (uint32_t)options;
  int fd = error < 0 ? error : new_socket(&wish);
  return make_number(env, fd < 0 ? fd : close_failed(fd, bind_and_listen(fd, &wish)));
}

/* socketOpen({ address, type, protocol }) -> fd that is connected, or is being connected */
static napi_value socket_open(napi_env env, napi_callback_info info) {
  napi_value object;
  struct wish wish;
  int error;
  if (!get_arguments(env, info, 1, &object) || !read_wish(env, object, &wish, &error))
    return NULL;
  int fd = error < 0 ? error : new_socket(&wish);
  if (fd < 0)
    return make_number(env, fd);
  int result;
  do
    result = connect(fd, &wish.address.any, wish.size) < 0 ? -errno : 0;
  while (result == -EINTR);
  return make_number(env, close_failed(fd, result == -EINPROGRESS ? 0 : result));
}

/* socketAcceptFrom(fd) -> { fd, peer }, or a negative errno: -EAGAIN when nobody waits */
static napi_value socket_accept_from(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  union address address;
  socklen_t size = sizeof address;
  int listener, fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &listener))
    return NULL;
  do
    fd = accept4(listener, &address.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (fd < 0)
    return make_number(env, -errno);
  napi_value peer = make_address(env, &address, size);
  if (peer == NULL || napi_create_object(env, &result) != napi_ok || !set_number(env, result, "fd", fd) ||
      napi_set_named_property(env, result, "peer", peer) != napi_ok) {
    (void)close(fd);
    return throw_last_error(env);
  }
  return result;
}

/* socketAddress(fd, ofPeer) -> an address, or a negative errno */
static napi_value socket_address(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  union address address;
  socklen_t size = sizeof address;
  int fd;
  bool of_peer;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_bool(env, arguments[1], &of_peer))
    return NULL;
  if ((of_peer ? getpeername : getsockname)(fd, &address.any, &size) < 0)
    return make_number(env, -errno);
  return make_address(env, &address, size);
}

const struct addon_function bind_functions[] = {
    {"socketBind", socket_bind},
    {"socketOpen", socket_open},
    {"socketAcceptFrom", socket_accept_from},
    {"socketAddress", socket_address},
    {NULL, NULL},
};
