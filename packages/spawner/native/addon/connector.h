/* What the process connector's events mean for the processes that are followed: no Node-API here. */
#ifndef MAVERICK_CONNECTOR_H
#define MAVERICK_CONNECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers are those of src/tracker-connector.ts. */
enum connector_kind { CONNECTOR_FORK = 1, CONNECTOR_EXEC = 2, CONNECTOR_EXIT = 3 };

struct connector_event {
  enum connector_kind kind;
  int pid;
  int detail; /* the child of a fork; the wait status of an end */
};

struct connector {
  int fd;
  bool overrun; /* the kernel had to drop events */
  int *pids;    /* followed, sorted */
  size_t pid_count, pid_room;
  struct connector_event *events;
  size_t event_count, event_room;
};

/* A descriptor on which the kernel has promised to report, or a negative errno: -ENOTCONN where it does not answer. */
int connector_subscribe(void);
void connector_unsubscribe(int fd);

/*
 * Take in what has come, some of it: 1 when there may be more, 0 or a negative errno. A child of a followed process is
 * followed from then on.
 */
int connector_read(struct connector *connector);

/* False when memory has run out. */
bool connector_add_pid(struct connector *connector, int pid);
void connector_remove_pid(struct connector *connector, int pid);

#endif
