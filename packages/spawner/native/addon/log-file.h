/* One log: where its output comes from, the file it goes to, and what waits in memory for a file that can't be. */
#ifndef MAVERICK_LOG_FILE_H
#define MAVERICK_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is kept while the file can't be written: of one log, and of all logs of a pump together. */
enum { LOG_KEEP = 1 << 20, LOG_KEEP_TOTAL = 16 << 20 };

struct log {
  struct log *next;
  uint32_t id;
  int source; /* -1: nothing more will come */
  int file;   /* -1: not open */
  char *path;
  char *kept;
  size_t kept_length, kept_capacity;
  uint64_t dropped;
  int error; /* why the file can't be written; 0 while it can */
};

struct log *log_new(uint32_t id, int source, const char *path);

/* Closes what is open. `*total` is the sum of what all logs keep. */
void log_free(struct log *log, size_t *total);

/* Appends to the file; what can't be written is kept in order, within the bounds, and the rest counted as dropped. */
void log_append(struct log *log, const char *data, size_t length, size_t *total);

/* Tries again to write what is kept. True when nothing is left. */
bool log_flush(struct log *log, size_t *total);

#endif
