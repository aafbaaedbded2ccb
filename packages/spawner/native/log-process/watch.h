/* A descriptor in the one epoll set, and who is called when something happens to it. */
#ifndef MAVERICK_WATCH_H
#define MAVERICK_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch {
  int fd;
  void (*ready)(struct watch *watch, uint32_t events);
};

/* 0 or a negative errno. */
int watch_open(void);

/* 0 or a negative errno. The events are epoll's. */
int watch_add(struct watch *watch, uint32_t events);
void watch_change(struct watch *watch, uint32_t events);

/* Closes the descriptor, too, and sets it to -1. The memory must stay until the round is over. */
void watch_remove(struct watch *watch);

/* Waits for events and calls who is ready. False when nothing happened until the time was over; -1: for ever. */
bool watch_round(int timeout_ms);

#endif
