/* The console and other terminals, as init needs them. */
#include "napi-util.h"
#include "plan-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <linux/kd.h>

/* From <sys/ttydefaults.h>, which not every libc has whole. */
enum { CONTROL_C = 3, CONTROL_D = 4, CONTROL_Q = 17, CONTROL_S = 19, CONTROL_U = 21, CONTROL_Z = 26, CONTROL_BACKSLASH = 28, DELETE = 127 };

/* terminalOpen(path) -> fd, opened without waiting for a carrier and without becoming our terminal */
static napi_value terminal_open(napi_env env, napi_callback_info info) {
  napi_value argument;
  char path[PATH_MAX];
  int error;
  if (!get_arguments(env, info, 1, &argument) || !get_path(env, argument, path, &error))
    return NULL;
  if (error < 0)
    return make_number(env, error);
  int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return make_number(env, -errno);
  int flags = fcntl(fd, F_GETFL);
  error = flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ? -errno : isatty(fd) ? 0 : -ENOTTY;
  if (error < 0) {
    (void)close(fd);
    return make_number(env, error);
  }
  return make_number(env, out_of_the_way(fd));
}

/* The settings of a terminal that a person can work at, whatever was there; its speed and size stay. */
static void make_sane(struct termios *terminal) {
  terminal->c_iflag = IGNPAR | ICRNL | IXON | IXANY;
  terminal->c_oflag = OPOST | ONLCR;
  terminal->c_cflag &= CBAUD | CBAUDEX | CSIZE | CSTOPB | PARENB | PARODD;
  terminal->c_cflag |= HUPCL | CLOCAL | CREAD;
  terminal->c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
  terminal->c_cc[VINTR] = CONTROL_C;
  terminal->c_cc[VQUIT] = CONTROL_BACKSLASH;
  terminal->c_cc[VERASE] = DELETE;
  terminal->c_cc[VKILL] = CONTROL_U;
  terminal->c_cc[VEOF] = CONTROL_D;
  terminal->c_cc[VSTART] = CONTROL_Q;
  terminal->c_cc[VSTOP] = CONTROL_S;
  terminal->c_cc[VSUSP] = CONTROL_Z;
  terminal->c_cc[VTIME] = 0;
  terminal->c_cc[VMIN] = 1;
}

/* terminalReset(fd) -> 0 or a negative errno */
static napi_value terminal_reset(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct termios terminal;
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  if (tcgetattr(fd, &terminal) < 0)
    return make_number(env, -errno);
  make_sane(&terminal);
  return make_number(env, tcsetattr(fd, TCSANOW, &terminal) < 0 ? -errno : 0);
}

/* terminalTake(fd, force) -> 0 or a negative errno: it becomes our session's controlling terminal */
static napi_value terminal_take(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int fd;
  bool force;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_bool(env, arguments[1], &force))
    return NULL;
  return make_number(env, ioctl(fd, TIOCSCTTY, force ? 1L : 0L) < 0 ? -errno : 0);
}

/* Give a terminal up. What that sends to those in its foreground is not for us, who know: it would come as a hang-up. */
static int leave_terminal(int fd) {
  static const int signals[] = {SIGHUP, SIGCONT};
  enum { COUNT = sizeof signals / sizeof *signals };
  struct sigaction before[COUNT];
  const struct sigaction ignored = {.sa_handler = SIG_IGN};
  for (size_t i = 0; i < COUNT; i++)
    if (sigaction(signals[i], &ignored, &before[i]) < 0)
      return -errno;
  int result = ioctl(fd, TIOCNOTTY) < 0 ? -errno : 0;
  for (size_t i = 0; i < COUNT; i++)
    if (sigaction(signals[i], &before[i], NULL) < 0 && result == 0)
      result = -errno;
  return result;
}

/* terminalLeave(fd) -> 0 or a negative errno: our session has no terminal any more, and another may take it */
static napi_value terminal_leave(napi_env env, napi_callback_info info) {
  napi_value argument;
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  return make_number(env, leave_terminal(fd));
}

/* redirectFd(fd, target) -> 0 or a negative errno: the target is, in one step, what the descriptor is */
static napi_value redirect_fd(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int fd, target;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_int(env, arguments[1], &target))
    return NULL;
  return make_number(env, dup2(fd, target) < 0 ? -errno : 0);
}

/* keyboardRequests(fd, signal) -> 0 or a negative errno: the console sends it when KeyboardSignal is pressed */
static napi_value keyboard_requests(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int fd, signal;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_int(env, arguments[1], &signal))
    return NULL;
  return make_number(env, ioctl(fd, KDSIGACCEPT, (long)signal) < 0 ? -errno : 0);
}

/* newSession() -> 0 or a negative errno: setsid(2) */
static napi_value new_session(napi_env env, napi_callback_info info) {
  (void)info;
  return make_number(env, setsid() < 0 ? -errno : 0);
}

const struct addon_function terminal_functions[] = {
    {"terminalOpen", terminal_open},
    {"terminalReset", terminal_reset},
    {"terminalTake", terminal_take},
    {"terminalLeave", terminal_leave},
    {"redirectFd", redirect_fd},
    {"keyboardRequests", keyboard_requests},
    {"newSession", new_session},
    {NULL, NULL},
};
