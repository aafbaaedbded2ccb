/* A service that does nothing: writes its pid as a line into the FIFO named by BENCH_FIFO as soon as its main() runs, and
 * waits to be killed, or until nobody reads there any more. So none outlives a measurement. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    char line[16];
    const char *path = getenv("BENCH_FIFO");
    int fd = path == NULL ? -1 : open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    int length = snprintf(line, sizeof line, "%d\n", (int)getpid());
    if (fd < 0 || write(fd, line, (size_t)length) != length)
        return 1;
    struct pollfd gone = {.fd = fd};
    while (poll(&gone, 1, -1) < 0 && errno == EINTR)
        ;
    return 0;
}
