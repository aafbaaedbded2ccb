/* Files that lie in memory. */
#ifndef MAVERICK_MEMORY_FILE_H
#define MAVERICK_MEMORY_FILE_H

#include <stddef.h>

/* Close-on-exec, can be sealed. Or a negative errno. */
int new_memory_file(const char *name);

/* 0 or a negative errno. */
int write_all(int fd, const char *text, size_t length);

#endif
