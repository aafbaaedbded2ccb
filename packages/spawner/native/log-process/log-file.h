/*
 * One log file, and what waits in memory while it can't be written. Logs that go to the same file share it, so that
 * their output stays in order and a file that is put away is put away for all.
 */
#ifndef MAVERICK_LOG_FILE_H
#define MAVERICK_LOG_FILE_H

#include "tell.h"

#include <sys/types.h>

/* What is kept while a file can't be written: of one file, and of all together. */
enum { LOG_KEEP = 1 << 20, LOG_KEEP_TOTAL = 16 << 20 };

struct log_file {
  struct log_file *next, *next_of_hash;
  struct tell tell;
  char *root; /* NULL: none */
  char *path;
  unsigned users;
  int fd;          /* -1: not open */
  uint64_t size;
  bool owner_known; /* whose the last file of this name was */
  uid_t uid;
  gid_t gid;
  bool at_line_start;
  bool whole_lines; /* what doesn't fit is dropped by lines */
  uint64_t rotate_bytes;
  uint32_t rotate_keep;
  char *kept;
  size_t kept_length, kept_capacity;
  uint64_t dropped;
  int error;        /* why it can't be written; 0 while it can */
  int rotate_error;
  bool error_told, rotate_error_told;
};

/* The file of this name, one user more; NULL when there is no memory for it. `root` may be empty. */
struct log_file *log_file_use(const char *root, size_t root_length, const char *path, size_t path_length);

/* One user less. Without any it is gone once nothing is kept for it. */
void log_file_release(struct log_file *file);

/* Appends; what can't be written is kept in order, within the bounds, and the rest counted as dropped. */
void log_file_append(struct log_file *file, const char *data, size_t length);

/* The same of what the tray begins with, which is out of it then. */
void log_file_append_tray(struct log_file *file, const char *data, size_t length);

/* Tries to write what is kept. */
void log_files_flush(void);

/* Opens every file anew at its next output. */
void log_files_reopen(void);

/* What is wrong is told once more: to a daemon that wasn't there the first time. */
void log_files_tell_again(void);

/* True while something is kept, or its loss still to be told. */
bool log_files_keep(void);

/* Nobody needs them any more. */
void log_files_free(void);

#endif
