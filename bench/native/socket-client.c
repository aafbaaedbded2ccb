/*
 * socket-client NAME COUNT PAUSE_MS: connects to an abstract unix socket so many times and reads a byte, with a pause before each.
 * Prints the median of the milliseconds from connect() to the byte, as {"ms":N}. Where nobody listens yet it looks again.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 10000 };

static double milliseconds(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b) {
  double one = *(const double *)a, other = *(const double *)b;
  return (one > other) - (one < other);
}

int main(int argc, char **argv) {
  static double times[MOST];
  int count = argc == 4 ? atoi(argv[2]) : 0;
  if (count < 1 || count > MOST || strlen(argv[1]) > 100)
    return 2;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path + 1, argv[1], strlen(argv[1]));
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argv[1]));
  for (int done = 0; done < count;) {
    (void)usleep((useconds_t)atoi(argv[3]) * 1000);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    char byte;
    double begun = milliseconds();
    if (connect(fd, (struct sockaddr *)&address, length) == 0 && read(fd, &byte, 1) == 1) {
      times[done++] = milliseconds() - begun;
    } else if (errno != ECONNREFUSED) {
      perror("socket-client");
      return 1;
    }
    (void)close(fd);
  }
  qsort(times, (size_t)count, sizeof *times, compare);
  printf("{\"ms\":%.4f}\n", times[count / 2]);
  return 0;
}
