/*
 * The kernel's process connector: forks, execs and ends of every process of the machine, over netlink. A filter inside
 * the kernel drops what is about threads, and what is about processes that nobody follows is dropped here, so that
 * JavaScript hears only of its own.
 */
#include "connector.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* By number: newer headers have renamed their enumeration. */
enum { WHAT_NONE = 0, WHAT_FORK = 1, WHAT_EXEC = 2 };
#define WHAT_EXIT 0x80000000U

/* The kernel answers from within send(2); this is for a kernel that one day does not. */
enum { ACKNOWLEDGEMENT_MS = 50 };
enum { RECEIVE_BUFFER = 4 << 20, BATCH = 512 };

/* Where an event lies in a message, and where the ids lie in an event: uapi, cn_proc.h. */
enum {
  EVENT = NLMSG_HDRLEN + sizeof(struct cn_msg),
  FIRST_PID = EVENT + offsetof(struct proc_event, event_data),
  FIRST_TGID = FIRST_PID + 4,
  CHILD_PID = FIRST_PID + 8,
  CHILD_TGID = FIRST_PID + 12,
};

/* Keep forks, execs and ends of processes, and answers to us; a thread's pid is not its thread group's. */
static int attach_filter(int fd) {
  struct sock_filter code[] = {
      /*  0 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, EVENT),
      /*  1 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(WHAT_NONE), 12, 0),
      /*  2 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(WHAT_EXEC), 11, 0),
      /*  3 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(WHAT_FORK), 1, 0),
      /*  4 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(WHAT_EXIT), 4, 8),
      /*  5 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, CHILD_PID),
      /*  6 */ BPF_STMT(BPF_MISC | BPF_TAX, 0),
      /*  7 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, CHILD_TGID),
      /*  8 */ BPF_JUMP(BPF_JMP | BPF_JA, 3, 0, 0),
      /*  9 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIRST_PID),
      /* 10 */ BPF_STMT(BPF_MISC | BPF_TAX, 0),
      /* 11 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIRST_TGID),
      /* 12 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 1, 0),
      /* 13 */ BPF_STMT(BPF_RET | BPF_K, 0),
      /* 14 */ BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? -errno : 0;
}

/* A big buffer is a comfort: without one an overrun is only more likely. */
static void enlarge_buffer(int fd) {
  int size = RECEIVE_BUFFER;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

static int tell(int fd, enum proc_cn_mcast_op operation) {
  struct {
    struct nlmsghdr header;
    struct cn_msg message;
    enum proc_cn_mcast_op operation;
  } __attribute__((packed)) request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = NLMSG_DONE},
      .message = {.id = {.idx = CN_IDX_PROC, .val = CN_VAL_PROC}, .len = sizeof operation},
      .operation = operation,
  };
  ssize_t sent;
  do
    sent = send(fd, &request, sizeof request, 0);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : 0;
}

/* An event of the given message, or NULL: only the kernel, port 0, is believed. */
static const struct proc_event *event_of(const char *buffer, ssize_t length, const struct sockaddr_nl *sender,
                                         struct proc_event *event) {
  if (sender->nl_pid != 0 || length < (ssize_t)(EVENT + sizeof *event))
    return NULL;
  memcpy(event, buffer + EVENT, sizeof *event);
  return event;
}

/* Bytes, 0 when there is no more, or a negative errno. */
static ssize_t receive(int fd, struct proc_event *event, const struct proc_event **found) {
  char buffer[1024];
  struct sockaddr_nl sender = {.nl_pid = 0};
  socklen_t size = sizeof sender;
  ssize_t length;
  do
    length = recvfrom(fd, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr *)&sender, &size);
  while (length < 0 && errno == EINTR);
  if (length < 0)
    return errno == EAGAIN ? 0 : -errno;
  *found = event_of(buffer, length, &sender, event);
  return length;
}

/*
 * In a namespace of its own a process can bind and send, and is never answered: only the answer says that there will be
 * events.
 */
static int await_acknowledgement(int fd) {
  struct pollfd ready = {.fd = fd, .events = POLLIN};
  while (poll(&ready, 1, ACKNOWLEDGEMENT_MS) > 0) {
    struct proc_event event;
    const struct proc_event *found = NULL;
    ssize_t length = receive(fd, &event, &found);
    if (length < 0)
      return (int)length;
    if (found != NULL && (uint32_t)found->what == WHAT_NONE)
      return found->event_data.ack.err == 0 ? 0 : -(int)found->event_data.ack.err;
  }
  return -ENOTCONN;
}

static int subscribe(int fd) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
  int result = attach_filter(fd);
  if (result == 0 && bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
    result = -errno;
  if (result == 0)
    result = tell(fd, PROC_CN_MCAST_LISTEN);
  return result == 0 ? await_acknowledgement(fd) : result;
}

int connector_subscribe(void) {
  int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
  if (fd < 0)
    return -errno;
  enlarge_buffer(fd);
  int result = subscribe(fd);
  if (result == 0)
    return fd;
  (void)close(fd);
  return result;
}

/* Older kernels count their listeners by these messages alone, and go on for nobody if one is missing. */
void connector_unsubscribe(int fd) {
  (void)tell(fd, PROC_CN_MCAST_IGNORE);
  (void)close(fd);
}

/* Where `pid` is, or would have to be, among the sorted pids. */
static size_t position(const struct connector *connector, int pid) {
  size_t low = 0, high = connector->pid_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (connector->pids[middle] < pid)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool has_pid(const struct connector *connector, int pid) {
  size_t at = position(connector, pid);
  return at < connector->pid_count && connector->pids[at] == pid;
}

bool connector_add_pid(struct connector *connector, int pid) {
  size_t at = position(connector, pid);
  if (at < connector->pid_count && connector->pids[at] == pid)
    return true;
  if (connector->pid_count == connector->pid_room) {
    size_t room = connector->pid_room * 2 + 16;
    int *pids = realloc(connector->pids, room * sizeof *pids);
    if (pids == NULL)
      return false;
    connector->pids = pids;
    connector->pid_room = room;
  }
  memmove(connector->pids + at + 1, connector->pids + at, (connector->pid_count - at) * sizeof *connector->pids);
  connector->pids[at] = pid;
  connector->pid_count++;
  return true;
}

void connector_remove_pid(struct connector *connector, int pid) {
  size_t at = position(connector, pid);
  if (at == connector->pid_count || connector->pids[at] != pid)
    return;
  connector->pid_count--;
  memmove(connector->pids + at, connector->pids + at + 1, (connector->pid_count - at) * sizeof *connector->pids);
}

static bool push(struct connector *connector, enum connector_kind kind, int pid, int detail) {
  if (connector->event_count == connector->event_room) {
    size_t room = connector->event_room * 2 + 64;
    struct connector_event *events = realloc(connector->events, room * sizeof *events);
    if (events == NULL)
      return false;
    connector->events = events;
    connector->event_room = room;
  }
  connector->events[connector->event_count++] = (struct connector_event){kind, pid, detail};
  return true;
}

/* False when memory has run out: then something is lost, as in an overrun. */
static bool take(struct connector *connector, const struct proc_event *event) {
  int parent, child;
  switch ((uint32_t)event->what) {
  case WHAT_FORK:
    parent = event->event_data.fork.parent_tgid;
    child = event->event_data.fork.child_tgid;
    return !has_pid(connector, parent) ||
           (connector_add_pid(connector, child) && push(connector, CONNECTOR_FORK, parent, child));
  case WHAT_EXEC:
    parent = event->event_data.exec.process_tgid;
    return !has_pid(connector, parent) || push(connector, CONNECTOR_EXEC, parent, 0);
  case WHAT_EXIT:
    parent = event->event_data.exit.process_tgid;
    if (!has_pid(connector, parent))
      return true;
    connector_remove_pid(connector, parent); /* from now on the number may be another's */
    return push(connector, CONNECTOR_EXIT, parent, (int)event->event_data.exit.exit_code);
  default:
    return true;
  }
}

int connector_read(struct connector *connector) {
  for (int count = 0; count < BATCH; count++) {
    struct proc_event event;
    const struct proc_event *found = NULL;
    ssize_t length = receive(connector->fd, &event, &found);
    if (length == -ENOBUFS)
      connector->overrun = true;
    else if (length <= 0)
      return (int)length;
    if (found != NULL && !take(connector, found))
      connector->overrun = true;
  }
  return 1;
}
