#include "control.h"

#include "listen.h"
#include "log-file.h"
#include "log-protocol.h"
#include "request.h"
#include "tray.h"
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_message(struct watch *watch, uint32_t events);
static void on_connection(struct watch *watch, uint32_t events);

static struct watch daemon_watch = {.fd = -1, .ready = on_message};
static struct watch listener = {.fd = -1, .ready = on_connection};

/* The daemon speaks our language and may be told things. */
static bool is_welcome, is_ended;
static int listen_error;
static const char *listen_path;

union descriptors {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(int) * LOG_DESCRIPTORS_MAX)];
};

bool is_heard(void) {
  return daemon_watch.fd >= 0 && is_welcome;
}

/* Without waiting; what a dead daemon is told is told to nobody. */
static bool send_message(int fd, const struct log_message *message, const char *text, size_t length, const int *fds,
                         size_t count) {
  struct iovec parts[2] = {{.iov_base = (void *)message, .iov_len = sizeof *message},
                           {.iov_base = (void *)text, .iov_len = length}};
  struct msghdr header = {.msg_iov = parts, .msg_iovlen = length > 0 ? 2 : 1};
  union descriptors control;
  if (count > 0) {
    memset(&control, 0, sizeof control);
    header.msg_control = control.bytes;
    header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *first = CMSG_FIRSTHDR(&header);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(first), fds, sizeof(int) * count);
  }
  ssize_t sent;
  do
    sent = sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent >= 0 || (errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM && errno != ETOOMANYREFS);
}

bool say(uint32_t kind, uint32_t log, uint64_t number, const char *text, size_t length, const int *fds, size_t count) {
  struct log_message message = {.kind = kind, .log = log, .number = number};
  return !is_heard() || send_message(daemon_watch.fd, &message, text, length, fds, count);
}

static void disconnect(void) {
  watch_remove(&daemon_watch);
  is_welcome = false;
  request_forget();
  tray_free();
  (void)tell_now(); /* to nobody: what only a daemon cares for goes */
}

static void refuse(int fd, int error) {
  struct log_message message = {.kind = LOG_REFUSED, .log = (uint32_t)error, .number = LOG_PROTOCOL};
  (void)send_message(fd, &message, NULL, 0, NULL, 0);
}

static void stop_listening(void);

/* A daemon of another version starts a log process of its own, which may want our address. */
static void welcome(const struct log_message *hello) {
  if (hello->number != LOG_PROTOCOL) {
    refuse(daemon_watch.fd, EPROTO);
    stop_listening();
    disconnect();
    return;
  }
  is_welcome = true;
  (void)say(LOG_WELCOME, (uint32_t)listen_error, (uint64_t)getpid(), NULL, 0, NULL, 0);
  log_files_tell_again();
  tray_tell_again();
}

static unsigned take_descriptors(struct msghdr *header, int *fds) {
  unsigned count = 0;
  for (struct cmsghdr *at = CMSG_FIRSTHDR(header); at != NULL; at = CMSG_NXTHDR(header, at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS)
      continue;
    unsigned here = (unsigned)((at->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(fds + count, CMSG_DATA(at), sizeof(int) * here);
    count += here;
  }
  return count;
}

static void handle(const char *bytes, size_t length, const int *fds, unsigned count) {
  struct log_message message;
  if (length >= sizeof message && memcmp(bytes, &(uint32_t){LOG_HELLO}, sizeof(uint32_t)) == 0) {
    memcpy(&message, bytes, sizeof message);
    request_forget();
    welcome(&message);
    length = 0;
  }
  request_obey(bytes, is_welcome ? length : 0, fds, count);
}

/* False when there is no message now, or no daemon any more. */
static bool receive(void) {
  char bytes[LOG_MESSAGE_MAX];
  int fds[LOG_DESCRIPTORS_MAX];
  union descriptors control;
  struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
  /* Not its size: that is rounded up, and the kernel would fill the rest with one descriptor more. */
  struct msghdr header = {.msg_iov = &part,
                          .msg_iovlen = 1,
                          .msg_control = control.bytes,
                          .msg_controllen = CMSG_LEN(sizeof(int) * LOG_DESCRIPTORS_MAX)};
  ssize_t received = recvmsg(daemon_watch.fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  /* A daemon that ended without having read everything: that is told before what it said last. */
  if (received < 0 && (errno == EINTR || errno == ECONNRESET))
    return true;
  if (received < 0 && errno == EAGAIN)
    return false;
  if (received <= 0) {
    disconnect();
    return false;
  }
  handle(bytes, (size_t)received, fds, take_descriptors(&header, fds));
  return daemon_watch.fd >= 0;
}

/* Not all at once: a daemon with much to say must not keep the jobs waiting. */
static void on_message(struct watch *watch, uint32_t events) {
  (void)watch;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
    return;
  for (int i = 0; i < 64 && receive(); i++)
    continue;
}

void control_flush(void) {
  static bool waits;
  bool done = tell_now();
  if (request_is_end())
    is_ended = true;
  if (request_is_end() || request_is_left())
    disconnect();
  if (daemon_watch.fd < 0 || waits == !done)
    return;
  waits = !done;
  watch_change(&daemon_watch, EPOLLIN | (waits ? EPOLLOUT : 0));
}

bool control_has_ended(void) {
  return is_ended;
}

int control_open(int fd) {
  daemon_watch.fd = fd;
  is_welcome = false;
  int result = watch_add(&daemon_watch, EPOLLIN);
  if (result < 0)
    daemon_watch.fd = -1;
  return result;
}

/* Who has left without our noticing yet makes room for the next. */
static bool is_daemon_gone(void) {
  struct pollfd daemon = {.fd = daemon_watch.fd, .events = 0};
  return daemon.fd < 0 || (poll(&daemon, 1, 0) > 0 && (daemon.revents & (POLLHUP | POLLERR)) != 0);
}

static bool is_trusted(int fd) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

static void on_connection(struct watch *watch, uint32_t events) {
  (void)events;
  int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0)
    return;
  if (!is_trusted(fd)) {
    (void)close(fd);
    return;
  }
  if (!is_daemon_gone()) {
    refuse(fd, EBUSY);
    (void)close(fd);
    return;
  }
  /* What it said before it went is still to be done. */
  while (daemon_watch.fd >= 0 && receive())
    continue;
  disconnect();
  if (control_open(fd) < 0)
    (void)close(fd);
}

void control_listen(const char *address) {
  int fd = listen_at(address);
  listener.fd = fd;
  int result = fd < 0 ? fd : watch_add(&listener, EPOLLIN);
  if (result == 0) {
    listen_path = address[0] == '@' ? NULL : address;
    return;
  }
  listen_error = -result;
  listener.fd = -1;
  if (fd >= 0)
    (void)close(fd);
}

static void stop_listening(void) {
  watch_remove(&listener);
  if (listen_path != NULL)
    (void)unlink(listen_path);
  listen_path = NULL;
}

bool control_is_open(void) {
  return daemon_watch.fd >= 0;
}

bool control_is_listening(void) {
  return listener.fd >= 0;
}

void control_close(void) {
  watch_remove(&daemon_watch);
  stop_listening();
}
