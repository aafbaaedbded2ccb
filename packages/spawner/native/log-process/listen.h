#ifndef MAVERICK_LISTEN_H
#define MAVERICK_LISTEN_H

/*
 * Listens at a path or, after `@`, an abstract name; waits a moment for who is just about to leave it, and removes a
 * socket that was left behind. A descriptor, or a negative errno.
 */
int listen_at(const char *address);

#endif
