/* What the kernel and udevd tell about devices, over netlink(7). */
#include "napi-util.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>

/* The sender by the kernel's word: -1 when it did not say. */
static int64_t sender_uid(struct msghdr *message) {
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header))
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS &&
        header->cmsg_len == CMSG_LEN(sizeof(struct ucred))) {
      struct ucred sender;
      memcpy(&sender, CMSG_DATA(header), sizeof sender);
      return sender.uid;
    }
  return -1;
}

/*
 * netlinkReceive(fd, buffer) -> { bytes, port, uid }, or a negative errno. `bytes` is the message's length, even if it
 * is longer than the buffer; port 0 is the kernel.
 */
static napi_value netlink_receive(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  struct iovec bytes;
  int fd;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_bytes(env, arguments[1], &bytes.iov_base, &bytes.iov_len))
    return NULL;
  union {
    char bytes[CMSG_SPACE(sizeof(struct ucred))];
    struct cmsghdr align;
  } control;
  struct sockaddr_nl sender = {.nl_pid = UINT32_MAX};
  struct msghdr message = {.msg_name = &sender,
                           .msg_namelen = sizeof sender,
                           .msg_iov = &bytes,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  ssize_t received;
  do
    received = recvmsg(fd, &message, MSG_DONTWAIT | MSG_TRUNC);
  while (received < 0 && errno == EINTR);
  if (received < 0)
    return make_number(env, -errno);
  NAPI_TRY(env, napi_create_object(env, &result));
  if (!set_number(env, result, "bytes", received) || !set_number(env, result, "port", sender.nl_pid) ||
      !set_number(env, result, "uid", sender_uid(&message)))
    return NULL;
  return result;
}

/* setReceiveBuffer(fd, bytes) -> what it is now, or a negative errno. Beyond the system's limit needs CAP_NET_ADMIN. */
static napi_value set_receive_buffer(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int fd, bytes;
  socklen_t size = sizeof bytes;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_int(env, arguments[1], &bytes))
    return NULL;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0 &&
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) < 0)
    return make_number(env, -errno);
  if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &size) < 0)
    return make_number(env, -errno);
  return make_number(env, bytes / 2); /* the kernel doubles what it is asked for, and says so */
}

const struct addon_function netlink_functions[] = {
    {"netlinkReceive", netlink_receive},
    {"setReceiveBuffer", set_receive_buffer},
    {NULL, NULL},
};
