/*
 * posix_spawn(3) of a program, measured; prints {"ms":N}.
 *   spawn-wait sequential COUNT MEGABYTES PROGRAM [session]   each when the one before has been waited for
 *   spawn-wait burst …        all, and then waited for
 *   spawn-wait respawn …      kill -9 and start anew: from the signal until the program tells of its
 *                                                   main() by a byte on standard output; the sum of all times
 * The process has touched so many megabytes before. With a last argument `session` each program leads its own session,
 * which is what costs most where the kernel groups processes by session (sched_autogroup_enabled).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *const environment[] = {NULL};
static posix_spawnattr_t attributes;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static pid_t start(char *program, const posix_spawn_file_actions_t *actions) {
  pid_t pid;
  char *argv[] = {program, NULL};
  errno = posix_spawn(&pid, program, actions, &attributes, argv, environment);
  if (errno != 0)
    die(program);
  return pid;
}

static void await_end(pid_t pid) {
  while (waitpid(pid, NULL, 0) < 0)
    if (errno != EINTR)
      die("waitpid");
}

static int64_t sequential(int count, char *program) {
  int64_t begun = now_ns();
  while (count-- > 0)
    await_end(start(program, NULL));
  return now_ns() - begun;
}

static int64_t burst(int count, char *program) {
  int64_t begun = now_ns();
  for (int i = 0; i < count; i++)
    (void)start(program, NULL);
  for (int i = 0; i < count; i++)
    await_end(-1);
  return now_ns() - begun;
}

static void await_main(int fd) {
  char byte;
  if (read(fd, &byte, 1) != 1)
    die("read");
}

static int64_t respawn(int count, char *program) {
  int fds[2];
  int64_t sum = 0;
  posix_spawn_file_actions_t actions;
  if (pipe2(fds, O_CLOEXEC) < 0 || posix_spawn_file_actions_init(&actions) != 0 ||
      posix_spawn_file_actions_adddup2(&actions, fds[1], 1) != 0)
    die("pipe");
  pid_t pid = start(program, &actions);
  for (await_main(fds[0]); count > 0; count--) {
    int64_t begun = now_ns();
    kill(pid, SIGKILL);
    await_end(pid);
    pid = start(program, &actions);
    await_main(fds[0]);
    sum += now_ns() - begun;
  }
  kill(pid, SIGKILL);
  await_end(pid);
  return sum;
}

int main(int argc, char **argv) {
  bool session = argc == 6 && strcmp(argv[5], "session") == 0;
  if (argc != 5 && !session)
    return 2;
  if (posix_spawnattr_init(&attributes) != 0 ||
      posix_spawnattr_setflags(&attributes, session ? POSIX_SPAWN_SETSID : 0) != 0)
    die("posix_spawnattr");
  int count = atoi(argv[2]);
  size_t size = (size_t)atoi(argv[3]) << 20;
  char *memory = malloc(size + 1);
  if (memory == NULL)
    die("malloc");
  memset(memory, 1, size + 1);
  int64_t (*measure)(int, char *) = strcmp(argv[1], "burst") == 0     ? burst
                                    : strcmp(argv[1], "respawn") == 0 ? respawn
                                                                      : sequential;
  printf("{\"ms\":%.4f}\n", (double)measure(count, argv[4]) / 1e6);
  free(memory);
  return 0;
}
