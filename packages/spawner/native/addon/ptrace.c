/*
 * Following forks by ptrace(2). A tracer is a thread: these calls work only from the one that started the process.
 *
 * A process that asked to be traced (the step `trace`) is attached in the old way, in which a stopped process can't be
 * told from a trapped one and no running process can be let go. It is re-attached by PTRACE_SEIZE at its first stop, and
 * what it forks is attached in the same way by the kernel.
 */
#include "napi-util.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  OPTIONS = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC,
};

/* libcs type the request in different ways; it is a number to the kernel. */
static long trace(int request, pid_t pid, unsigned long data) {
  return syscall(SYS_ptrace, request, pid, NULL, data) < 0 ? -errno : 0;
}

/*
 * Without a gap in which the process could fork unseen: it is let go with a stop signal, so it stops before it runs its
 * first instruction, attached anew by then.
 */
static long seize(pid_t pid) {
  long result = trace(PTRACE_DETACH, pid, SIGSTOP);
  return result < 0 ? result : trace(PTRACE_SEIZE, pid, OPTIONS);
}

/* ptraceSeize(pid): of a process that asked to be traced and stands at its first trap. -> 0 or a negative errno. */
static napi_value ptrace_seize(napi_env env, napi_callback_info info) {
  napi_value argument;
  int pid;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &pid))
    return NULL;
  return make_number(env, seize(pid));
}

static napi_value call(napi_env env, napi_callback_info info, int request) {
  napi_value arguments[2];
  int pid, signal;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &pid) ||
      !get_int(env, arguments[1], &signal))
    return NULL;
  return make_number(env, trace(request, pid, (unsigned long)signal));
}

/* ptraceContinue(tid, signal): let it go on, with a signal or 0. -> 0 or a negative errno, as the next three. */
static napi_value ptrace_continue(napi_env env, napi_callback_info info) {
  return call(env, info, PTRACE_CONT);
}

/* ptraceListen(tid, 0): a stopped process stays stopped, and hears of SIGCONT. */
static napi_value ptrace_listen(napi_env env, napi_callback_info info) {
  return call(env, info, PTRACE_LISTEN);
}

/* ptraceInterrupt(tid, 0): make a running one stop, so that it can be let go. */
static napi_value ptrace_interrupt(napi_env env, napi_callback_info info) {
  return call(env, info, PTRACE_INTERRUPT);
}

/* ptraceDetach(tid, signal): trace it no more; it goes on, with a signal or 0. */
static napi_value ptrace_detach(napi_env env, napi_callback_info info) {
  return call(env, info, PTRACE_DETACH);
}

/* ptraceMessage(tid) -> what belongs to the event that it stands at, or a negative errno: the pid of a new child */
static napi_value ptrace_message(napi_env env, napi_callback_info info) {
  napi_value argument;
  unsigned long message = 0;
  int pid;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &pid))
    return NULL;
  long result = ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message);
  return make_number(env, result < 0 ? -errno : (int64_t)message);
}

/* Its status once it stands still, 0 if it does not within a tenth of a second, or a negative errno. */
static int await_stop(pid_t tid) {
  const struct timespec moment = {.tv_nsec = 1000 * 1000};
  siginfo_t news;
  for (int attempt = 0; attempt < 100; attempt++) {
    memset(&news, 0, sizeof news);
    if (waitid(P_PID, (id_t)tid, &news, WEXITED | WSTOPPED | WNOHANG | __WALL) < 0)
      return -errno;
    if (news.si_pid != 0)
      return news.si_code == CLD_TRAPPED ? news.si_status : -ESRCH;
    (void)nanosleep(&moment, NULL); /* cut short it only asks sooner */
  }
  return 0;
}

/*
 * ptraceAwaitStop(tid) -> what it stands at, as wait(2) tells it; 0 when it can't be made to stop, or a negative errno.
 * For the time when nobody waits for news any more.
 */
static napi_value ptrace_await_stop(napi_env env, napi_callback_info info) {
  napi_value argument;
  int tid;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &tid))
    return NULL;
  (void)trace(PTRACE_INTERRUPT, tid, 0); /* fails where it stands already */
  return make_number(env, await_stop(tid));
}

const struct addon_function ptrace_functions[] = {
    {"ptraceSeize", ptrace_seize},         {"ptraceContinue", ptrace_continue},
    {"ptraceListen", ptrace_listen},       {"ptraceInterrupt", ptrace_interrupt},
    {"ptraceDetach", ptrace_detach},       {"ptraceMessage", ptrace_message},
    {"ptraceAwaitStop", ptrace_await_stop}, {NULL, NULL},
};
