/* Waiting for the end of a job. */
#ifndef MAVERICK_JOB_END_H
#define MAVERICK_JOB_END_H

#include <stdbool.h>

/* Before the job is there: what is told of it from now on is kept for wait_for_end. A descriptor or a negative errno. */
int listen_for_job(void);

/*
 * Waits until the process has ended, and each in which the job has gone on: told of by KEEPER_SIGNAL, if the job
 * `follows`. Closes both descriptors.
 */
void wait_for_end(int pidfd, int news_fd, bool follows);

#endif
