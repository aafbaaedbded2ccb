/* The socket to the daemon, and the address at which a daemon finds us that did not start us. */
#ifndef MAVERICK_CONTROL_H
#define MAVERICK_CONTROL_H

#include <stdbool.h>

/* Takes over a connected socket. 0 or a negative errno. */
int control_open(int fd);

/* True while a daemon is there, though it may not have said hello yet. */
bool control_is_open(void);

/* Listens at a path or, after `@`, an abstract name. Why it can't is told with the welcome. */
void control_listen(const char *address);

bool control_is_listening(void);

/* The daemon asked us to end, and was told that it is done. */
bool control_has_ended(void);

/* Tells what there is to tell, as far as the daemon can take it. */
void control_flush(void);

/* Closes what is open. */
void control_close(void);

#endif
