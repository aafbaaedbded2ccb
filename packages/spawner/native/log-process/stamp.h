#ifndef MAVERICK_STAMP_H
#define MAVERICK_STAMP_H

#include <stdint.h>

/*
 * A time since 1970 as ISO 8601 in UTC with microseconds: 27 characters and a NUL. libc's gmtime would read time zones
 * first, from files that may not be there yet.
 */
void stamp(char text[28], int64_t seconds, long nanoseconds);

#endif
