/* The two ends of a job's output: a pseudo terminal, or a pipe where there is none left. */
#include "napi-util.h"
#include "plan-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* `ours` is non-blocking; `theirs` is what the process gets. */
struct ends {
  int ours, theirs;
};

static int close_ends(struct ends *ends, int error) {
  if (ends->ours >= 0)
    (void)close(ends->ours);
  if (ends->theirs >= 0)
    (void)close(ends->theirs);
  return error;
}

/* Without output processing a newline stays a newline in the file. */
static int make_raw(int fd) {
  struct termios modes;
  if (tcgetattr(fd, &modes) < 0)
    return -errno;
  modes.c_oflag &= ~(tcflag_t)OPOST;
  return tcsetattr(fd, TCSANOW, &modes) < 0 ? -errno : 0;
}

static int open_terminal(struct ends *ends) {
  int unlocked = 0;
  ends->theirs = -1;
  ends->ours = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (ends->ours < 0)
    return -errno;
  if (ioctl(ends->ours, TIOCSPTLCK, &unlocked) < 0)
    return close_ends(ends, -errno);
  /* By descriptor and not by name: the name may mean another file system's terminal here. */
  ends->theirs = ioctl(ends->ours, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (ends->theirs < 0)
    return close_ends(ends, -errno);
  int result = make_raw(ends->theirs);
  return result < 0 ? close_ends(ends, result) : 0;
}

static int open_pipe(struct ends *ends) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) < 0)
    return -errno;
  ends->ours = fds[0];
  ends->theirs = fds[1];
  return fcntl(ends->ours, F_SETFL, O_NONBLOCK) < 0 ? close_ends(ends, -errno) : 0;
}

/* outputOpen(asPipe, uid) -> { ours, theirs }, or a negative errno. uid -1: the owner stays as it is. */
static napi_value output_open(napi_env env, napi_callback_info info) {
  napi_value arguments[2], object;
  bool as_pipe;
  int64_t uid;
  struct ends ends = {-1, -1};
  if (!get_arguments(env, info, 2, arguments) || !get_bool(env, arguments[0], &as_pipe))
    return NULL;
  NAPI_TRY(env, napi_get_value_int64(env, arguments[1], &uid));
  int result = as_pipe ? open_pipe(&ends) : open_terminal(&ends);
  if (result == 0) {
    ends.theirs = out_of_the_way(ends.theirs);
    result = ends.theirs < 0 ? close_ends(&ends, ends.theirs) : 0;
  }
  if (result < 0)
    return make_number(env, result);
  /* Programs reopen /dev/stderr by name; where the owner can't be changed they fail to, and nothing else does. */
  if (uid >= 0 && fchown(ends.theirs, (uid_t)uid, (gid_t)-1) < 0)
    errno = 0;
  if (napi_create_object(env, &object) == napi_ok && set_number(env, object, "ours", ends.ours) &&
      set_number(env, object, "theirs", ends.theirs))
    return object;
  (void)close_ends(&ends, 0);
  return throw_last_error(env);
}

const struct addon_function pty_functions[] = {
    {"outputOpen", output_open},
    {NULL, NULL},
};
