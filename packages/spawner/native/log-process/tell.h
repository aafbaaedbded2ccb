/*
 * What the daemon is still to be told. Nothing is copied: each log and each file has one of these, and says what there
 * is to say when its turn comes. So a daemon that doesn't listen costs no memory.
 */
#ifndef MAVERICK_TELL_H
#define MAVERICK_TELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tell {
  struct tell *next;
  bool queued;
  /* False: the daemon can't take it now. Called once more later. */
  bool (*say)(struct tell *tell);
};

void tell_later(struct tell *tell);

/* Tells until there is nothing left or the daemon can't take more; true when there is nothing left. */
bool tell_now(void);

/* A daemon is connected. */
bool is_heard(void);

/* Sends one message. False when the daemon can't take it now; true when it was sent, or nobody is there to hear it. */
bool say(uint32_t kind, uint32_t log, uint64_t number, const char *text, size_t length, const int *fds, size_t count);

#define CONTAINER(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))

#endif
