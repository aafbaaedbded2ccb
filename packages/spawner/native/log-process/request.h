/* What the daemon asks for. */
#ifndef MAVERICK_REQUEST_H
#define MAVERICK_REQUEST_H

#include "log-protocol.h"

#include <stdbool.h>
#include <stddef.h>

/* Carries out one message, whatever it says, and takes over its descriptors. */
void request_obey(const char *bytes, size_t length, const int *fds, unsigned count);

/* True once the daemon was told that it is left (`LOG_LEAVE`) or that we end (`LOG_END`). */
bool request_is_left(void);
bool request_is_end(void);

/* A daemon came or went: it has asked for nothing yet. */
void request_forget(void);

#endif
