#include "message.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void pass_over(int signal) {
  (void)signal;
}

/* A handler, as programs of modules would inherit that the signal is ignored. */
int speak_safely(void) {
  const struct sigaction action = {.sa_handler = pass_over, .sa_flags = SA_RESTART};
  return sigaction(SIGPIPE, &action, NULL) < 0 ? errno : 0;
}

bool is_heard(int fd) {
  struct pollfd pipe = {.fd = fd, .events = 0};
  return poll(&pipe, 1, 0) == 0 || (pipe.revents & POLLERR) == 0;
}

/* What nobody hears needs not be said. */
static void send(int fd, const void *message, size_t size) {
  while (write(fd, message, size) < 0 && errno == EINTR)
    continue;
}

/* Padding is part of what is written. */
static void clear(struct report *report, enum step step) {
  memset(report, 0, sizeof *report);
  report->step = step;
}

static void send_words(int fd, struct report *report, const char *text) {
  char message[sizeof *report + MESSAGE_TEXT];
  report->argument = (uint32_t)strnlen(text, MESSAGE_TEXT);
  memcpy(message, report, sizeof *report);
  memcpy(message + sizeof *report, text, report->argument);
  send(fd, message, sizeof *report + report->argument);
}

void tell_pid(int fd, int pid) {
  struct report report;
  clear(&report, STEP_helper);
  report.argument = (uint32_t)pid;
  send(fd, &report, sizeof report);
}

void tell_failure(int fd, enum step step, int error) {
  struct report report;
  clear(&report, step);
  report.failed = true;
  report.error = error;
  send(fd, &report, sizeof report);
}

void tell_pam_failure(int fd, int error, const char *text) {
  struct report report;
  clear(&report, STEP_pam);
  report.failed = true;
  report.error = error;
  send_words(fd, &report, text);
}

void tell_warning(int fd, const char *text) {
  struct report report;
  clear(&report, STEP_pam);
  send_words(fd, &report, text);
}
