#include "message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Nobody listens any more when the daemon has ended or given up: there is nobody left to tell that. */
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
