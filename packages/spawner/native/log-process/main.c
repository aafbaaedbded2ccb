/*
 * The log process: one for all jobs. `log-process DESCRIPTOR [ADDRESS]` takes its orders from a socket that it was
 * started with and, where an address is given, from a daemon that comes later (log-protocol.h). It is nobody's servant
 * but the jobs': it ends when there is neither a daemon nor output to come, or when it is told to.
 */
#include "control.h"
#include "log.h"
#include "tray.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
  TRICKLE_NANOSECONDS = 1000, /* with the kernel's slack some 50 microseconds: less than it takes to fill a pipe */
  RETRY_MS = 1000,
  RETRIES = 30, /* how often a file is tried when no daemon is there to ask for it */
};

/* What ends other processes is not for us: jobs that end last still write. */
static void ignore_signals(void) {
  static const int alone[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGCHLD, SIGCONT};
  sigset_t none;
  for (int number = 1; number < NSIG; number++) {
    bool ignored = true;
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
      ignored = ignored && alone[i] != number;
    if (ignored)
      (void)signal(number, SIG_IGN);
  }
  (void)sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int print_protocol(void) {
  return printf("protocol %d message %zu add %zu max %d left %d tray is %d tray %d\n", LOG_PROTOCOL,
                sizeof(struct log_message), sizeof(struct log_add), LOG_MESSAGE_MAX, LOG_LEFT, LOG_TRAY_IS,
                LOG_TRAY) < 0;
}

/* Small reads cost more than they bring, and each makes whoever writes wake us again: a pause lets output gather. */
static void let_gather(void) {
  struct timespec pause = {.tv_nsec = TRICKLE_NANOSECONDS};
  (void)nanosleep(&pause, NULL);
}

/* Without a daemon files that can't be written are tried from time to time, but not for ever. */
static bool is_needed(int *retries) {
  if (control_has_ended())
    return false;
  if (is_heard() || control_is_open() || logs_open()) {
    *retries = 0;
    return true;
  }
  return log_files_keep() && control_is_listening() && (*retries)++ < RETRIES;
}

static void run(void) {
  bool trickled = false;
  int retries = 0;
  while (is_needed(&retries)) {
    bool alone = !control_is_open() && log_files_keep();
    bool ready = watch_round(trickled ? 0 : alone ? RETRY_MS : -1);
    if (!ready && alone)
      log_files_flush();
    control_flush();
    logs_bury();
    bool trickles = logs_trickle();
    /* Only who has something to read again at once is in a stream of output. */
    if (trickles && trickled)
      let_gather();
    trickled = trickles;
  }
}

/*
 * Leaves us to init: a daemon that starts another program in its place, or another log process, has no child that it
 * doesn't know. The exit status is for the daemon, which waits for it: 0 or an errno.
 */
static int leave_parent(void) {
  pid_t pid = fork();
  if (pid > 0)
    _exit(0);
  return pid < 0 ? errno : 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--protocol") == 0)
    return print_protocol();
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: log-process DESCRIPTOR [ADDRESS]\nStarted by the daemon, for no use by hand.\n");
    return 2;
  }
  int error = leave_parent();
  if (error != 0)
    return error;
  ignore_signals();
  raise_descriptor_limit();
  (void)umask(0);
  (void)!chdir("/");
  int fd = atoi(argv[1]);
  int result = fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : watch_open();
  if (result == 0)
    result = control_open(fd);
  if (result < 0)
    return -result;
  if (argc == 3)
    control_listen(argv[2]);
  run();
  control_close();
  logs_free();
  log_files_free();
  tray_close();
  return 0;
}
