/* Handing a plan to the helper program, and hearing from it. */
#include "memory-file.h"
#include "plan-fd.h"
#include "plan-wire.h"
#include "read-plan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* The longest text of a message: PIPE_BUF bounds the whole. */
enum { TEXT_ROOM = 4096 };

struct ends {
  int ours, theirs;
};

static int open_pipe(struct ends *ends) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) < 0)
    return -errno;
  ends->ours = fds[0];
  ends->theirs = out_of_the_way(fds[1]);
  int result = ends->theirs < 0 ? ends->theirs : 0;
  if (result == 0 && fcntl(ends->ours, F_SETFL, O_NONBLOCK) < 0)
    result = -errno;
  if (result == 0)
    return 0;
  (void)close(ends->ours);
  if (ends->theirs >= 0)
    (void)close(ends->theirs);
  return result;
}

static bool add_row(napi_env env, napi_value array, uint32_t index, const struct passed *passed) {
  napi_value row;
  NAPI_CHECK(env, napi_create_object(env, &row));
  if (!set_number(env, row, "source", passed->source) || !set_number(env, row, "target", passed->target))
    return false;
  NAPI_CHECK(env, napi_set_element(env, array, index, row));
  return true;
}

/* The plan and the pipe are passed beside what the plan itself has. */
static napi_value make_passed(napi_env env, const struct passed own[2], const struct passed *rest, uint32_t count) {
  napi_value array;
  NAPI_TRY(env, napi_create_array_with_length(env, count + 2, &array));
  for (uint32_t i = 0; i < count + 2; i++)
    if (!add_row(env, array, i, i < 2 ? &own[i] : &rest[i - 2]))
      return NULL;
  return array;
}

static napi_value make_opened(napi_env env, int file, const struct ends *ends, napi_value passed) {
  napi_value result;
  NAPI_TRY(env, napi_create_object(env, &result));
  if (passed == NULL || !set_number(env, result, "file", file) || !set_number(env, result, "ours", ends->ours) ||
      !set_number(env, result, "theirs", ends->theirs))
    return NULL;
  NAPI_TRY(env, napi_set_named_property(env, result, "passed", passed));
  return result;
}

static napi_value open_with(napi_env env, int file, const struct passed *passed, uint32_t count) {
  struct ends ends = {-1, -1};
  if (file < 0)
    return make_number(env, file);
  int error = open_pipe(&ends);
  if (error < 0) {
    (void)close(file);
    return make_number(env, error);
  }
  const struct passed own[] = {{file, HELPER_PLAN_FD}, {ends.theirs, HELPER_REPORT_FD}};
  return make_opened(env, file, &ends, make_passed(env, own, passed, count));
}

/*
 * helperOpen(plan) -> the plan as a file, the two ends of a pipe, and the descriptors that the helper is to be passed;
 * or a negative errno
 */
static napi_value helper_open(napi_env env, napi_callback_info info) {
  napi_value object, result = NULL;
  struct arena arena = {NULL};
  struct plan plan;
  struct passed *passed = NULL;
  uint32_t count;
  if (!get_arguments(env, info, 1, &object))
    return NULL;
  if (read_plan(env, &arena, object, &plan)) {
    bool numbered = plan_number_descriptors(&plan, &passed, &count);
    int file = numbered ? out_of_the_way(plan_write(&plan)) : -ENOMEM;
    result = open_with(env, file, passed, numbered ? count : 0);
  }
  free(passed);
  arena_free(&arena);
  return result;
}

/* The whole of what is asked for, 0 at the end, or a negative errno. */
static ssize_t read_whole(int fd, void *data, size_t size) {
  ssize_t length;
  do
    length = read(fd, data, size);
  while (length < 0 && errno == EINTR);
  if (length < 0)
    return -errno;
  return (size_t)length == size ? length : 0;
}

static napi_value make_message(napi_env env, const struct report *report, const char *text, size_t length) {
  napi_value result, words, failed;
  NAPI_TRY(env, napi_create_object(env, &result));
  NAPI_TRY(env, napi_create_string_utf8(env, text, length, &words));
  NAPI_TRY(env, napi_get_boolean(env, report->failed, &failed));
  NAPI_TRY(env, napi_set_named_property(env, result, "text", words));
  NAPI_TRY(env, napi_set_named_property(env, result, "failed", failed));
  if (!set_number(env, result, "step", report->step) || !set_number(env, result, "errno", report->error) ||
      !set_number(env, result, "argument", report->argument))
    return NULL;
  return result;
}

/* helperMessage(fd) -> the next { step, failed, errno, argument, text }, 0 after the last, or a negative errno */
static napi_value helper_message(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct report report;
  char text[TEXT_ROOM];
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  ssize_t got = read_whole(fd, &report, sizeof report);
  if (got <= 0)
    return make_number(env, got);
  size_t length = report.step == STEP_pam && report.argument <= sizeof text ? report.argument : 0;
  got = length == 0 ? 0 : read_whole(fd, text, length);
  return got < 0 ? make_number(env, got) : make_message(env, &report, text, (size_t)got);
}

/* helperTell(keeper, pid) -> 0 or a negative errno; pid 0: the job goes on in no other process */
static napi_value helper_tell(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int keeper, pid;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &keeper) ||
      !get_int(env, arguments[1], &pid))
    return NULL;
  const union sigval value = {.sival_int = pid};
  return make_number(env, sigqueue(keeper, KEEPER_SIGNAL, value) < 0 ? -errno : 0);
}

const struct addon_function helper_functions[] = {
    {"helperOpen", helper_open},
    {"helperMessage", helper_message},
    {"helperTell", helper_tell},
    {NULL, NULL},
};
