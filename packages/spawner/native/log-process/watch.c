#include "watch.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = 64 };

static int set = -1;

int watch_open(void) {
  set = epoll_create1(EPOLL_CLOEXEC);
  return set < 0 ? -errno : 0;
}

static int control(int operation, struct watch *watch, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = watch};
  return epoll_ctl(set, operation, watch->fd, &event) < 0 ? -errno : 0;
}

int watch_add(struct watch *watch, uint32_t events) {
  return control(EPOLL_CTL_ADD, watch, events);
}

void watch_change(struct watch *watch, uint32_t events) {
  (void)control(EPOLL_CTL_MOD, watch, events);
}

/* Taken out first: the daemon's duplicate keeps the open file, and with it its place in the set, beyond the close. */
void watch_remove(struct watch *watch) {
  if (watch->fd < 0)
    return;
  (void)control(EPOLL_CTL_DEL, watch, 0);
  (void)close(watch->fd);
  watch->fd = -1;
}

bool watch_round(int timeout_ms) {
  struct epoll_event events[EVENTS];
  int count = epoll_wait(set, events, EVENTS, timeout_ms);
  for (int i = 0; i < count; i++) {
    struct watch *watch = events[i].data.ptr;
    /* An earlier one of this round may have ended it. */
    if (watch->fd >= 0)
      watch->ready(watch, events[i].events);
  }
  return count > 0;
}
