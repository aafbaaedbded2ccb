#include "abandon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Signals each of the pids in a list of decimal numbers with blanks between. */
static void kill_listed(const char *list, ssize_t length) {
  pid_t pid = 0;
  for (ssize_t i = 0; i < length; i++) {
    if (list[i] >= '0' && list[i] <= '9') {
      pid = pid * 10 + (list[i] - '0');
      continue;
    }
    if (pid > 0)
      (void)kill(pid, SIGKILL);
    pid = 0;
  }
}

static void kill_children(void) {
  char list[4096];
  int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  kill_listed(list, read(fd, list, sizeof list));
  (void)close(fd);
}

static bool reap_one(void) {
  int status;
  pid_t pid;
  do
    pid = waitpid(-1, &status, 0);
  while (pid < 0 && errno == EINTR);
  return pid > 0;
}

/*
 * The children of a child that dies become ours, as we are their subreaper: killing and reaping until none is left gets
 * every descendant, whatever session or group it is in. Only calls that a signal's handler may make.
 */
static void give_up(int signal) {
  (void)signal;
  do
    kill_children();
  while (reap_one());
  _exit(1);
}

static int change(int how, int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  return sigprocmask(how, &set, NULL) < 0 ? errno : 0;
}

int abandon_when_told(void) {
  struct sigaction action = {.sa_handler = give_up};
  sigfillset(&action.sa_mask);
  if (prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) < 0 || sigaction(SIGTERM, &action, NULL) < 0)
    return errno;
  return change(SIG_UNBLOCK, SIGTERM);
}

int stay_to_the_end(void) {
  static const int ignored[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2};
  struct sigaction action = {.sa_handler = SIG_IGN};
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
    if (sigaction(ignored[i], &action, NULL) < 0)
      return errno;
  /* Nobody here waits for what the modules leave behind. */
  return prctl(PR_SET_CHILD_SUBREAPER, 0L, 0L, 0L, 0L) < 0 ? errno : 0;
}
