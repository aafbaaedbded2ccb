#include "job-end.h"

#include "plan-wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* How long a daemon has, after the end of a process, for saying in which the job goes on: it may be busy, or gone. */
enum { PATIENCE_MS = 5000 };

struct wait {
  struct pollfd end, news; /* a descriptor below 0 is passed over */
  bool goes_on;            /* there may still be another process */
};

int listen_for_job(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, KEEPER_SIGNAL);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
    return -errno;
  int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

static void replace(int *fd, int by) {
  if (*fd >= 0)
    (void)close(*fd);
  *fd = by;
}

/* A process that can't be opened is gone, and leaves us with the one that we have. */
static void follow(struct wait *wait, int pid) {
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd >= 0)
    replace(&wait->end.fd, fd);
}

/* Anybody who may send us signals may end us, too: there is no need to ask who it was. */
static void hear(struct wait *wait) {
  struct signalfd_siginfo news;
  while (read(wait->news.fd, &news, sizeof news) == sizeof news) {
    if (news.ssi_int == 0)
      wait->goes_on = false;
    else
      follow(wait, news.ssi_int);
  }
}

static bool is_over(const struct wait *wait) {
  return wait->end.fd < 0 && !wait->goes_on;
}

void wait_for_end(int pidfd, int news_fd, bool follows) {
  struct wait wait = {{.fd = pidfd, .events = POLLIN}, {.fd = news_fd, .events = POLLIN}, follows};
  while (!is_over(&wait)) {
    struct pollfd both[] = {wait.end, wait.news};
    int ready = poll(both, 2, wait.end.fd < 0 ? PATIENCE_MS : -1);
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready <= 0)
      break;
    if (both[0].revents != 0)
      replace(&wait.end.fd, -1);
    hear(&wait);
  }
  replace(&wait.end.fd, -1);
  (void)close(news_fd);
}
