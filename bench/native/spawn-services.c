/* Starts COUNT copies of SERVICE by posix_spawn(3), each of which writes a line into FIFO when its main() runs, and prints the
 * milliseconds from before the first start to the last line. Then it kills and reaps them.
 * Usage: spawn-services COUNT SERVICE FIFO */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Waits for so many lines. */
static int read_lines(int fd, int count)
{
    char text[4096];
    while (count > 0) {
        ssize_t length = read(fd, text, sizeof text);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return -1;
        for (ssize_t i = 0; i < length; i++)
            count -= text[i] == '\n';
    }
    return 0;
}

int main(int argc, char **argv)
{
    int count = argc == 4 ? atoi(argv[1]) : 0;
    if (count <= 0) {
        fprintf(stderr, "Usage: spawn-services COUNT SERVICE FIFO\n");
        return 2;
    }
    pid_t *pids = calloc((size_t)count, sizeof *pids);
    int fd = mkfifo(argv[3], 0600) == 0 ? open(argv[3], O_RDWR | O_CLOEXEC) : -1;
    if (pids == NULL || fd < 0 || setenv("BENCH_FIFO", argv[3], 1) != 0) {
        perror("spawn-services");
        return 1;
    }
    char *args[] = {argv[2], NULL};
    double begun = now_ms();
    int spawned = 0, error = 0;
    while (spawned < count && (error = posix_spawn(&pids[spawned], argv[2], NULL, NULL, args, environ)) == 0)
        spawned++;
    if (error != 0)
        fprintf(stderr, "spawn-services: %s: %s\n", argv[2], strerror(error));
    int told = read_lines(fd, spawned);
    double ended = now_ms();
    for (int i = 0; i < spawned; i++)
        kill(pids[i], SIGKILL);
    for (int i = 0; i < spawned; i++)
        while (waitpid(pids[i], NULL, 0) == -1 && errno == EINTR)
            ;
    free(pids);
    if (spawned < count || told != 0)
        return 1;
    printf("{\"ms\":%.3f}\n", ended - begun);
    return 0;
}
