#include "request.h"

#include "log.h"
#include "tray.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

static struct {
  bool leaving, ending, left;
} state;

static bool tell_left(struct tell *tell) {
  (void)tell;
  state.left = say(LOG_LEFT, 0, 0, NULL, 0, NULL, 0);
  return state.left;
}

static bool tell_list_end(struct tell *tell) {
  (void)tell;
  return say(LOG_LIST_END, 0, 0, NULL, 0, NULL, 0);
}

static struct tell left = {.say = tell_left}, list_end = {.say = tell_list_end};

bool request_is_left(void) {
  return state.leaving && state.left;
}

bool request_is_end(void) {
  return state.ending && state.left;
}

void request_forget(void) {
  memset(&state, 0, sizeof state);
}

static void close_all(const int *fds, unsigned count) {
  for (unsigned i = 0; i < count; i++)
    (void)close(fds[i]);
}

/* A path is absolute and, as every text of the message, without NULs, and a file name is not empty. */
static bool is_path(const char *text, size_t length) {
  return length > 0 && length < PATH_MAX && text[0] == '/' && text[length - 1] != '/' && memchr(text, 0, length) == NULL;
}

static bool read_add(struct log_request_add *request, const char *bytes, size_t length, unsigned count) {
  struct log_add *add = &request->add;
  if (length < sizeof *add || count == 0)
    return false;
  memcpy(add, bytes, sizeof *add);
  if (length != sizeof *add + add->root_length + add->path_length + add->job_length ||
      add->first_source + count > LOG_SOURCES_MAX)
    return false;
  request->root = bytes + sizeof *add;
  request->path = request->root + add->root_length;
  request->job = request->path + add->path_length;
  return is_path(request->path, add->path_length) && memchr(request->job, 0, add->job_length) == NULL &&
         (add->root_length == 0 || is_path(request->root, add->root_length));
}

static void add(uint32_t id, const char *bytes, size_t length, const int *fds, unsigned count) {
  struct log_request_add request = {.id = id};
  int result = -EINVAL;
  if (read_add(&request, bytes, length, count))
    result = log_add(&request, fds, count);
  else
    close_all(fds, count);
  if (result < 0)
    (void)say(LOG_REJECTED, id, (uint64_t)-result, NULL, 0, NULL, 0);
}

/* What can be read and written now is. */
static void finish(void) {
  logs_drain();
  log_files_flush();
  tell_later(&left);
}

static void obey(const struct log_message *message) {
  switch (message->kind) {
  case LOG_DRAIN:
    log_drain(message->log, message->number);
    return;
  case LOG_FLUSH:
    log_files_flush();
    return;
  case LOG_REOPEN:
    log_files_reopen();
    return;
  case LOG_LIST:
    logs_list();
    tell_later(&list_end);
    return;
  case LOG_LEAVE:
    state.leaving = true;
    finish();
    return;
  case LOG_END:
    state.ending = true;
    finish();
    return;
  default:
    return;
  }
}

void request_obey(const char *bytes, size_t length, const int *fds, unsigned count) {
  struct log_message message;
  if (length < sizeof message) {
    close_all(fds, count);
    return;
  }
  memcpy(&message, bytes, sizeof message);
  if (message.kind == LOG_ADD) {
    add(message.log, bytes + sizeof message, length - sizeof message, fds, count);
    return;
  }
  if (message.kind == LOG_TRAY) {
    if (count > 0)
      tray_adopt(fds, count);
    else
      tray_free();
    return;
  }
  close_all(fds, count);
  obey(&message);
}
