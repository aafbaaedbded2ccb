/* One log: the ends of a job's output that are read, and the file that it goes to. */
#ifndef MAVERICK_LOG_H
#define MAVERICK_LOG_H

#include "json-line.h"
#include "log-file.h"
#include "log-protocol.h"
#include "watch.h"

struct source {
  struct watch watch; /* fd -1: nothing more will come */
  struct log *log;
  struct json_line line;
  size_t piece;  /* the kernel gives no more of a terminal at a time; room for more would have to be made in vain */
  bool is_plain; /* the kernel can not move what comes to the tray */
  size_t enough; /* to be read at a time: half of what a terminal holds, a quarter of what a pipe holds */
};

struct log {
  struct log *next, *next_of_hash;
  uint32_t id, pid, flags;
  char *job;
  struct log_file *file;
  struct source sources[LOG_SOURCES_MAX];
  struct tell tell;
  uint64_t drain_token;
  bool drained, listed, ended; /* to be told */
};

/* What LOG_ADD says. The texts are not terminated. */
struct log_request_add {
  uint32_t id;
  struct log_add add;
  const char *root, *path, *job;
};

/* Takes over the descriptors: 0 or a negative errno. */
int log_add(const struct log_request_add *request, const int *fds, unsigned count);

/* Writes what is there to be read, and tells so. A log that is not there any more has been told to be at its end. */
void log_drain(uint32_t id, uint64_t token);
void logs_drain(void);

/* Tells of every log that is still open. */
void logs_list(void);

/* True while there is output to come. */
bool logs_open(void);

/* Frees what has ended. Not while a round of events is on. */
void logs_bury(void);

void logs_free(void);

/* True when the last reads were small: who waits a little gets more at a time. */
bool logs_trickle(void);

#endif
