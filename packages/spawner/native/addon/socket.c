/*
 * Unix stream sockets as D-Bus needs them: abstract names of exact length, descriptors as messages, the kernel's word
 * about the peer. Every socket is non-blocking and close-on-exec. Failures are negative errnos.
 */
#include "address.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Linux 6.5; later than the headers of some that we are built with. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

/* The kernel's SCM_MAX_FD: no message carries more. */
enum { MAX_DESCRIPTORS = 253 };

union control {
  char bytes[CMSG_SPACE(sizeof(int) * MAX_DESCRIPTORS)];
  struct cmsghdr align;
};

/* A descriptor that just failed on the way is closed; the errno of the failure survives. */
static int close_failed(int fd) {
  int error = errno;
  (void)close(fd);
  return -error;
}

/* 0 or a negative errno; false with an exception when it is no string. */
static bool get_address(napi_env env, napi_value value, struct sockaddr_un *address, socklen_t *size, int *error) {
  char text[sizeof address->sun_path + 2]; /* one more than the longest allowed, so that too long is seen, and NUL */
  size_t length;
  NAPI_CHECK(env, napi_get_value_string_utf8(env, value, text, sizeof text, &length));
  *error = fill_unix_address(text, length, address, size);
  return true;
}

static int new_socket(void) {
  return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* socketConnect(address) -> fd */
static napi_value socket_connect(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct sockaddr_un address;
  socklen_t size;
  int error;
  if (!get_arguments(env, info, 1, &argument) || !get_address(env, argument, &address, &size, &error))
    return NULL;
  if (error < 0)
    return make_number(env, error);
  int fd = new_socket();
  if (fd < 0)
    return make_number(env, -errno);
  while (connect(fd, (struct sockaddr *)&address, size) < 0)
    if (errno != EINTR)
      return make_number(env, close_failed(fd));
  return make_number(env, fd);
}

/* socketListen(address, backlog) -> fd */
static napi_value socket_listen(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct sockaddr_un address;
  socklen_t size;
  int error, backlog;
  if (!get_arguments(env, info, 2, arguments) || !get_address(env, arguments[0], &address, &size, &error) ||
      !get_int(env, arguments[1], &backlog))
    return NULL;
  if (error < 0)
    return make_number(env, error);
  int fd = new_socket();
  if (fd < 0)
    return make_number(env, -errno);
  if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, backlog) < 0)
    return make_number(env, close_failed(fd));
  return make_number(env, fd);
}

/* socketAccept(fd) -> fd, -EAGAIN when nobody waits */
static napi_value socket_accept(napi_env env, napi_callback_info info) {
  napi_value argument;
  int listener, fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &listener))
    return NULL;
  do
    fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  return make_number(env, fd < 0 ? -errno : fd);
}

/* A view of a Buffer or Uint8Array from `offset` on. */
static bool get_bytes_from(napi_env env, napi_value value, int offset, struct iovec *bytes) {
  void *data;
  size_t length;
  if (!get_bytes(env, value, &data, &length))
    return false;
  if (offset < 0 || (size_t)offset > length) {
    (void)napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "the offset lies outside the buffer");
    return false;
  }
  bytes->iov_base = (char *)data + offset;
  bytes->iov_len = length - (size_t)offset;
  return true;
}

static void attach_descriptors(struct msghdr *message, union control *control, const int *fds, uint32_t count) {
  memset(control, 0, sizeof *control);
  message->msg_control = control->bytes;
  message->msg_controllen = CMSG_SPACE(sizeof(int) * count);
  struct cmsghdr *header = CMSG_FIRSTHDR(message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * count);
  memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
}

/* socketSend(fd, buffer, offset, fds) -> bytes sent, -EAGAIN when the peer is slow */
static napi_value socket_send(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  int fd, offset, fds[MAX_DESCRIPTORS];
  uint32_t count;
  struct iovec bytes;
  if (!get_arguments(env, info, 4, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_int(env, arguments[2], &offset) || !get_bytes_from(env, arguments[1], offset, &bytes) ||
      !get_ints(env, arguments[3], fds, MAX_DESCRIPTORS, &count))
    return NULL;
  struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
  union control control;
  if (count > 0)
    attach_descriptors(&message, &control, fds, count);
  ssize_t sent;
  do
    sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return make_number(env, sent < 0 ? -errno : sent);
}

/* The descriptors of all control messages, in order. */
static uint32_t collect_descriptors(struct msghdr *message, int *fds) {
  uint32_t count = 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
      continue;
    uint32_t here = (uint32_t)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(&fds[count], CMSG_DATA(header), sizeof(int) * here);
    count += here;
  }
  return count;
}

static void close_all(const int *fds, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    (void)close(fds[i]);
}

static bool push_descriptors(napi_env env, napi_value array, const int *fds, uint32_t count) {
  uint32_t length;
  NAPI_CHECK(env, napi_get_array_length(env, array, &length));
  for (uint32_t i = 0; i < count; i++) {
    napi_value value = make_number(env, fds[i]);
    if (value == NULL)
      return false;
    NAPI_CHECK(env, napi_set_element(env, array, length + i, value));
  }
  return true;
}

/*
 * socketReceive(fd, buffer, fds) -> bytes, 0 at the end, -EAGAIN when there is nothing yet. Descriptors are pushed on
 * the array `fds`. When the kernel had to drop some, because our table is full, the message is useless: the rest is
 * closed and -EMFILE returned.
 */
static napi_value socket_receive(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int fd, fds[MAX_DESCRIPTORS];
  struct iovec bytes;
  if (!get_arguments(env, info, 3, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_bytes_from(env, arguments[1], 0, &bytes))
    return NULL;
  union control control;
  struct msghdr message = {
      .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t received;
  do
    received = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (received < 0 && errno == EINTR);
  if (received < 0)
    return make_number(env, -errno);
  uint32_t count = collect_descriptors(&message, fds);
  if (message.msg_flags & MSG_CTRUNC) {
    close_all(fds, count);
    return make_number(env, -EMFILE);
  }
  if (!push_descriptors(env, arguments[2], fds, count)) {
    close_all(fds, count);
    return NULL;
  }
  return make_number(env, received);
}

/* peerCredentials(fd) -> { pid, uid, gid }, or a negative errno */
static napi_value peer_credentials(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
    return make_number(env, -errno);
  NAPI_TRY(env, napi_create_object(env, &result));
  if (!set_number(env, result, "pid", peer.pid) || !set_number(env, result, "uid", peer.uid) ||
      !set_number(env, result, "gid", peer.gid))
    return NULL;
  return result;
}

/*
 * peerPidfd(fd) -> a pidfd of the process that connected, close-on-exec, whoever has its number by now, or a negative
 * errno: -ESRCH when it has been reaped, -ENOPROTOOPT before Linux 6.5
 */
static napi_value peer_pidfd(napi_env env, napi_callback_info info) {
  napi_value argument;
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  int pidfd = -1;
  socklen_t size = sizeof pidfd;
  return make_number(env, getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) < 0 ? -errno : pidfd);
}

/* duplicate(fd) -> a close-on-exec copy, above the standard ones, or a negative errno */
static napi_value duplicate(napi_env env, napi_callback_info info) {
  napi_value argument;
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  return make_number(env, copy < 0 ? -errno : copy);
}

/* setBlocking(fd) -> 0 or a negative errno: for whoever shares the open file, too */
static napi_value set_blocking(napi_env env, napi_callback_info info) {
  napi_value argument;
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  int flags = fcntl(fd, F_GETFL);
  return make_number(env, flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ? -errno : 0);
}

/* closeFd(fd) -> 0 or a negative errno. Interrupted or not, Linux has closed it. */
static napi_value close_fd(napi_env env, napi_callback_info info) {
  napi_value argument;
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  return make_number(env, close(fd) < 0 && errno != EINTR ? -errno : 0);
}

const struct addon_function socket_functions[] = {
    {"socketConnect", socket_connect},
    {"socketListen", socket_listen},
    {"socketAccept", socket_accept},
    {"socketSend", socket_send},
    {"socketReceive", socket_receive},
    {"peerCredentials", peer_credentials},
    {"peerPidfd", peer_pidfd},
    {"duplicate", duplicate},
    {"setBlocking", set_blocking},
    {"closeFd", close_fd},
    {NULL, NULL},
};
