#ifndef MAVERICK_UTF8_H
#define MAVERICK_UTF8_H

#include <stddef.h>

/* Length of the character that `text` begins with, 0 when no UTF-8 begins so. ASCII is 1. */
size_t utf8_length(const unsigned char *text, size_t length);

/* How many bytes at the end of `text` may be the beginning of a character that goes on after it: at most 3. */
size_t utf8_unfinished(const unsigned char *text, size_t length);

#endif
