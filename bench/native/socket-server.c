/*
 * Serves on the listening socket that it finds as descriptor 3: one byte to whoever comes. Without an argument it ends after one
 * connection; with a number it is killed after so many, with 0 it goes on.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int most = argc > 1 ? atoi(argv[1]) : 1;
  for (int served = 0; most == 0 || served < most; served++) {
    int connection = accept(3, NULL, NULL);
    if (connection < 0 || write(connection, "x", 1) != 1)
      return 1;
    (void)close(connection);
  }
  return argc > 1 ? raise(SIGKILL) : 0;
}
