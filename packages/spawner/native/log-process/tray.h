/*
 * What was read and is not written yet. It lies in a pipe that the daemon holds, too, with a note of whose it is and how
 * far it has got beside it: who takes the place of a log process that was killed goes on exactly there. Moving output
 * from a source to the pipe, and from there to a file, is the kernel's work; there is no moment in which only we have it.
 */
#ifndef MAVERICK_TRAY_H
#define MAVERICK_TRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { TRAY_SIZE = 64 * 1024, TRAY_DESCRIPTORS = 3 };

/* Makes it, and tells the daemon of it. False where the kernel can't: what is read is in our memory alone then. */
bool tray_open(void);
void tray_close(void);

/* The tray of a log process that is gone. Takes over the descriptors; what makes no sense is closed. */
void tray_adopt(const int *fds, unsigned count);

/* What it had read belongs to a log that we have not heard of yet: nothing else can be put there. */
bool tray_is_taken(void);

/* All logs are known. What is nobody's by now is lost. */
void tray_free(void);

/* To a daemon that wasn't there the first time. */
void tray_tell_again(void);

/* True for the log that what it had read belongs to. */
bool tray_is_of(uint32_t log);

/* All that is taken from here to tray_end() belongs to this log. */
void tray_begin(uint32_t log);

/* Moves output from a source: how much, 0 at its end, or a negative errno; EAGAIN also when there is no more room. */
ssize_t tray_take(int fd, size_t most);

/* A copy of the beginning; the tray keeps it. 0 also when there is no memory for that. */
size_t tray_copy(char *bytes, size_t size);
size_t tray_remove(char *bytes, size_t size);

/* Before a write(2) of what is in the tray. */
void tray_writing(int file, size_t length);

/* So much need not be in the tray any more. */
void tray_written(size_t length);

/* What the last write, whose end nobody has seen, has brought into this file is taken out of the tray. */
void tray_settle(int file);

/* The tray is nobody's. What is left in it is lost. */
void tray_end(void);

#endif
