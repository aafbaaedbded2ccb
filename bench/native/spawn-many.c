/* Starts COUNT copies of PROGRAM [ARGUMENT...] by posix_spawn(3), one after the other, and prints the milliseconds from
 * before the first to after the last: with glibc posix_spawn returns when the child has executed its program. Then it
 * kills and reaps them. Usage: spawn-many COUNT PROGRAM [ARGUMENT...] */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int spawn_all(pid_t *pids, int count, char **argv)
{
    for (int i = 0; i < count; i++) {
        int error = posix_spawn(&pids[i], argv[0], NULL, NULL, argv, environ);
        if (error != 0) {
            fprintf(stderr, "spawn-many: %s: %s\n", argv[0], strerror(error));
            return i;
        }
    }
    return count;
}

static void end_all(const pid_t *pids, int count)
{
    for (int i = 0; i < count; i++)
        kill(pids[i], SIGKILL);
    for (int i = 0; i < count; i++)
        while (waitpid(pids[i], NULL, 0) == -1 && errno == EINTR)
            ;
}

/* Being told to end must not leave children behind: it takes effect after end_all. */
static void block_signals(void)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, NULL);
}

int main(int argc, char **argv)
{
    int count = argc > 2 ? atoi(argv[1]) : 0;
    if (count <= 0) {
        fprintf(stderr, "Usage: spawn-many COUNT PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    pid_t *pids = calloc((size_t)count, sizeof *pids);
    if (pids == NULL) {
        perror("spawn-many");
        return 1;
    }
    block_signals();
    double begun = now_ms();
    int spawned = spawn_all(pids, count, argv + 2);
    double ended = now_ms();
    end_all(pids, spawned);
    free(pids);
    if (spawned < count)
        return 1;
    printf("{\"ms\":%.3f}\n", ended - begun);
    return 0;
}
