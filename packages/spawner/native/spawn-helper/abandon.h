/* Giving up while PAM modules are at work: SIGTERM ends the helper and every process that the modules have started. */
#ifndef MAVERICK_ABANDON_H
#define MAVERICK_ABANDON_H

/* From now on the helper can be told to give up. 0 or an errno. */
int abandon_when_told(void);

/* And from now on no more: nothing but SIGKILL keeps it from closing the session. 0 or an errno. */
int stay_to_the_end(void);

#endif
