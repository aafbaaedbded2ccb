/* How processes say that they are ready: sd_notify(3) datagrams, each with the kernel's word on who sent it, and pipes. */
#include "napi-util.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel's SCM_MAX_FD: no message carries more. */
enum { MAX_DESCRIPTORS = 253 };

union control {
  char bytes[CMSG_SPACE(sizeof(int) * MAX_DESCRIPTORS) + CMSG_SPACE(sizeof(struct ucred))];
  struct cmsghdr align;
};

struct datagram {
  ssize_t length;
  bool truncated;
  bool has_sender;
  struct ucred sender;
  int fds[MAX_DESCRIPTORS];
  uint32_t fd_count;
};

static void read_control(struct msghdr *message, struct datagram *datagram) {
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET)
      continue;
    if (header->cmsg_type == SCM_CREDENTIALS && header->cmsg_len >= CMSG_LEN(sizeof datagram->sender)) {
      memcpy(&datagram->sender, CMSG_DATA(header), sizeof datagram->sender);
      datagram->has_sender = true;
    } else if (header->cmsg_type == SCM_RIGHTS) {
      uint32_t here = (uint32_t)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
      memcpy(&datagram->fds[datagram->fd_count], CMSG_DATA(header), sizeof(int) * here);
      datagram->fd_count += here;
    }
  }
}

static int receive(int fd, struct iovec *bytes, struct datagram *datagram) {
  union control control;
  struct msghdr message = {
      .msg_iov = bytes, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  do
    datagram->length = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (datagram->length < 0 && errno == EINTR);
  if (datagram->length < 0)
    return -errno;
  datagram->truncated = (message.msg_flags & MSG_TRUNC) != 0;
  read_control(&message, datagram);
  return 0;
}

/* Also where JavaScript fails, nothing may stay open that nobody knows of. */
static napi_value make_datagram(napi_env env, const struct datagram *datagram) {
  napi_value result, fds, truncated;
  NAPI_TRY(env, napi_create_object(env, &result));
  NAPI_TRY(env, napi_create_array_with_length(env, datagram->fd_count, &fds));
  for (uint32_t i = 0; i < datagram->fd_count; i++) {
    napi_value fd = make_number(env, datagram->fds[i]);
    if (fd == NULL)
      return NULL;
    NAPI_TRY(env, napi_set_element(env, fds, i, fd));
  }
  NAPI_TRY(env, napi_get_boolean(env, datagram->truncated, &truncated));
  if (!set_number(env, result, "bytes", datagram->length) ||
      !set_number(env, result, "pid", datagram->has_sender ? datagram->sender.pid : 0) ||
      !set_number(env, result, "uid", datagram->has_sender ? (int64_t)datagram->sender.uid : -1) ||
      !set_number(env, result, "gid", datagram->has_sender ? (int64_t)datagram->sender.gid : -1))
    return NULL;
  NAPI_TRY(env, napi_set_named_property(env, result, "truncated", truncated));
  NAPI_TRY(env, napi_set_named_property(env, result, "fds", fds));
  return result;
}

/*
 * notifyReceive(fd, buffer) -> { bytes, truncated, pid, uid, gid, fds }, or a negative errno: -EAGAIN when there is
 * nothing. pid 0: a process that our namespace can't name. The descriptors are the caller's to close.
 */
static napi_value notify_receive(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct datagram datagram = {.length = 0};
  struct iovec bytes;
  int fd;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_bytes(env, arguments[1], &bytes.iov_base, &bytes.iov_len))
    return NULL;
  int error = receive(fd, &bytes, &datagram);
  if (error < 0)
    return make_number(env, error);
  napi_value result = make_datagram(env, &datagram);
  if (result == NULL)
    for (uint32_t i = 0; i < datagram.fd_count; i++)
      (void)close(datagram.fds[i]);
  return result;
}

/* pipeOpen() -> { reading, writing }, close-on-exec, the reading end non-blocking; or a negative errno */
static napi_value pipe_open(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result;
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) < 0)
    return make_number(env, -errno);
  int error = fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
  bool made = error == 0 && napi_create_object(env, &result) == napi_ok &&
              set_number(env, result, "reading", fds[0]) && set_number(env, result, "writing", fds[1]);
  if (made)
    return result;
  (void)close(fds[0]);
  (void)close(fds[1]);
  return error < 0 ? make_number(env, error) : throw_last_error(env);
}

const struct addon_function notify_functions[] = {
    {"notifyReceive", notify_receive},
    {"pipeOpen", pipe_open},
    {NULL, NULL},
};
