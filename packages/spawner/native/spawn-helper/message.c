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

static void send_report(int fd, const struct report *report, const char *text) {
  char message[sizeof *report + MESSAGE_TEXT];
  memcpy(message, report, sizeof *report);
  memcpy(message + sizeof *report, text, report->argument);
  send(fd, message, sizeof *report + report->argument);
}

static uint32_t text_length(const char *text) {
  return (uint32_t)strnlen(text, MESSAGE_TEXT);
}

/* Padding is part of what is written. */
static struct report empty_report(enum step step) {
  struct report report;
  memset(&report, 0, sizeof report);
  report.step = step;
  return report;
}

void tell_pid(int fd, int pid) {
  struct report report = empty_report(STEP_helper);
  report.argument = (uint32_t)pid;
  send(fd, &report, sizeof report);
}

void tell_failure(int fd, enum step step, int error) {
  struct report report = empty_report(step);
  report.failed = true;
  report.error = error;
  send(fd, &report, sizeof report);
}

void tell_pam_failure(int fd, int error, const char *text) {
  struct report report = empty_report(STEP_pam);
  report.failed = true;
  report.error = error;
  report.argument = text_length(text);
  send_report(fd, &report, text);
}

void tell_warning(int fd, const char *text) {
  struct report report = empty_report(STEP_pam);
  report.argument = text_length(text);
  send_report(fd, &report, text);
}
