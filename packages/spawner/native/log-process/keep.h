/* What waits in memory for a file that can't be written. */
#ifndef MAVERICK_KEEP_H
#define MAVERICK_KEEP_H

#include "log-file.h"

/* Keeps what fits and counts the rest: the beginning of an output says more than its end. */
void keep_rest(struct log_file *file, const char *data, size_t length);

/* The first `length` bytes are written. */
void keep_forget(struct log_file *file, size_t length);

void keep_nothing(struct log_file *file);

#endif
