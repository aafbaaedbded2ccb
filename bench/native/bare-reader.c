/*
 * `bare-reader pty|pipe FILE PROGRAM ARGS…`: the least that has to be done for a program's output to get into a file
 * through a terminal or a pipe.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void open_pty(int ends[2]) {
  struct termios modes;
  ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
  if (ends[0] < 0 || grantpt(ends[0]) < 0 || unlockpt(ends[0]) < 0)
    exit(1);
  ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY);
  if (ends[1] < 0 || tcgetattr(ends[1], &modes) < 0)
    exit(1);
  modes.c_oflag &= ~(tcflag_t)OPOST;
  if (tcsetattr(ends[1], TCSANOW, &modes) < 0)
    exit(1);
}

int main(int argc, char **argv) {
  static char buffer[65536];
  int ends[2], status = 1;
  if (argc < 4)
    return 2;
  int file = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0640);
  if (strcmp(argv[1], "pty") == 0)
    open_pty(ends);
  else if (pipe(ends) < 0)
    return 1;
  if (fork() == 0) {
    (void)dup2(ends[1], 1);
    (void)close(ends[0]);
    (void)close(ends[1]);
    (void)execv(argv[3], argv + 3);
    _exit(127);
  }
  (void)close(ends[1]);
  for (ssize_t got; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    if (write(file, buffer, (size_t)got) != got)
      return 1;
  (void)wait(&status);
  return status != 0;
}
