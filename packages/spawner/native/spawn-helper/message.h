/*
 * What the helper tells the daemon, through a pipe that is close-on-exec in the job: its end without a failure means
 * that the job's program runs. Every message is a `struct report`; in those of the step `pam` a text follows, and
 * `argument` is its length. src/helper-messages.ts reads them.
 */
#ifndef MAVERICK_MESSAGE_H
#define MAVERICK_MESSAGE_H

#include "plan.h"

/* The longest text: a message with it is written as a whole or not at all (PIPE_BUF). */
enum { MESSAGE_TEXT = 1024 };

/* From now on it is no harm that nobody listens. 0 or an errno. */
int speak_safely(void);

/* Whether there is somebody still: not if the daemon has ended, or has become another program. */
bool is_heard(int fd);

/* The job's pid. */
void tell_pid(int fd, int pid);

/* A step failed: nothing will run. */
void tell_failure(int fd, enum step step, int error);

/* The session could not be opened, in PAM's words. */
void tell_pam_failure(int fd, int error, const char *text);

/* Something that a PAM module has to say. */
void tell_warning(int fd, const char *text);

#endif
