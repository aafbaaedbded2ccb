/*
 * socket-burst NAME SOCKETS EACH: connects so many times to each of the abstract unix sockets NAME0, NAME1 … at once, and reads a
 * byte from each connection. Prints the milliseconds that all took, as {"ms":N}; fails where one is refused or ends without its byte.
 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static double milliseconds(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int connect_to(const char *name, int number) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s%d", name, number);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, size) < 0) {
    perror("socket-burst: connect");
    exit(1);
  }
  return fd;
}

static void read_byte(struct pollfd *connection) {
  char byte;
  if (read(connection->fd, &byte, 1) != 1) {
    fprintf(stderr, "socket-burst: a connection has ended without its byte (%d)\n", errno);
    exit(1);
  }
  (void)close(connection->fd);
  connection->fd = -1;
}

int main(int argc, char **argv) {
  struct rlimit limit;
  if (argc != 4 || getrlimit(RLIMIT_NOFILE, &limit) < 0)
    return 2;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
  int sockets = atoi(argv[2]), count = sockets * atoi(argv[3]);
  struct pollfd *connections = calloc((size_t)count, sizeof *connections);
  if (connections == NULL)
    return 2;
  double begun = milliseconds();
  for (int i = 0; i < count; i++)
    connections[i] = (struct pollfd){.fd = connect_to(argv[1], i % sockets), .events = POLLIN};
  for (int left = count; left > 0;) {
    if (poll(connections, (nfds_t)count, 60000) <= 0) {
      fprintf(stderr, "socket-burst: %d of %d connections wait for ever\n", left, count);
      return 1;
    }
    for (int i = 0; i < count; i++) {
      if (connections[i].fd < 0 || connections[i].revents == 0)
        continue;
      read_byte(&connections[i]);
      left--;
    }
  }
  printf("{\"ms\":%.1f}\n", milliseconds() - begun);
  return 0;
}
