/* Where log files lie: opening them without being led astray by a link. */
#ifndef MAVERICK_PLACE_H
#define MAVERICK_PLACE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The directory of a file, as a descriptor that names it (O_PATH), or -1 with errno. With a root no link leads out of
 * it; without one, links on the way are the system's own and are followed.
 */
int place_open_directory(const char *root, const char *path);

/* The last part of a path. */
const char *place_name(const char *path);

/* For appending, made if it isn't there: mode 0640, never through a link, never waiting. `made`: it was not. -1 with errno. */
int place_open_file(int directory, const char *name, bool *made);

/* True when the file is empty or its last byte is a newline, as far as can be seen. */
bool place_ends_line(int directory, const char *name);

/* `name` becomes `name.1`, `name.1` becomes `name.2` … up to `keep`; the one after that is gone. False with errno. */
bool place_rotate(int directory, const char *name, uint32_t keep);

#endif
