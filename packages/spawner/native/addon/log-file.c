#include "log-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_MODE = 0640 };

struct log *log_new(uint32_t id, int source, const char *path) {
  struct log *log = calloc(1, sizeof *log);
  if (log == NULL)
    return NULL;
  log->id = id;
  log->source = source;
  log->file = -1;
  log->path = strdup(path);
  if (log->path != NULL)
    return log;
  free(log);
  return NULL;
}

static void close_file(struct log *log) {
  if (log->file >= 0)
    (void)close(log->file);
  log->file = -1;
}

void log_free(struct log *log, size_t *total) {
  *total -= log->kept_length;
  close_file(log);
  if (log->source >= 0)
    (void)close(log->source);
  free(log->kept);
  free(log->path);
  free(log);
}

/* Non-blocking, so that a FIFO in the file's place can't hold up every log. */
static int open_append(const char *path, int flags) {
  return open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags, LOG_MODE);
}

/* The umask is the whole process's to set, so a file that we make gets its mode by name. */
static int create_or_open(const char *path) {
  int fd = open_append(path, 0);
  if (fd >= 0 || errno != ENOENT)
    return fd;
  fd = open_append(path, O_CREAT | O_EXCL);
  if (fd < 0)
    return errno == EEXIST ? open_append(path, 0) : -1;
  if (fchmod(fd, LOG_MODE) < 0) {
    int error = errno;
    (void)close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

/* A deleted file is made anew: log rotation depends on it. */
static bool is_deleted(int file) {
  struct stat status;
  return fstat(file, &status) == 0 && status.st_nlink == 0;
}

static bool ensure_file(struct log *log) {
  if (log->file >= 0 && is_deleted(log->file))
    close_file(log);
  if (log->file < 0)
    log->file = create_or_open(log->path);
  if (log->file < 0)
    log->error = errno;
  return log->file >= 0;
}

/* How many bytes went into the file; short only on an error, after which the file is opened afresh. */
static size_t write_out(struct log *log, const char *data, size_t length) {
  size_t done = 0;
  if (!ensure_file(log))
    return 0;
  log->error = 0;
  while (done < length) {
    ssize_t written = write(log->file, data + done, length - done);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0) {
      log->error = errno;
      close_file(log);
      break;
    }
    done += (size_t)written;
  }
  return done;
}

static size_t room(const struct log *log, size_t total) {
  size_t own = LOG_KEEP - log->kept_length;
  size_t common = LOG_KEEP_TOTAL > total ? LOG_KEEP_TOTAL - total : 0;
  return own < common ? own : common;
}

static bool reserve(struct log *log, size_t length) {
  if (length <= log->kept_capacity)
    return true;
  size_t capacity = log->kept_capacity == 0 ? 4096 : log->kept_capacity;
  while (capacity < length)
    capacity *= 2;
  char *grown = realloc(log->kept, capacity);
  if (grown == NULL)
    return false;
  log->kept = grown;
  log->kept_capacity = capacity;
  return true;
}

/* The beginning of an output says more than its end, so the newest is what falls off. */
static void keep(struct log *log, const char *data, size_t length, size_t *total) {
  size_t fits = room(log, *total);
  if (fits > length)
    fits = length;
  if (!reserve(log, log->kept_length + fits))
    fits = 0;
  if (fits > 0)
    memcpy(log->kept + log->kept_length, data, fits);
  log->kept_length += fits;
  *total += fits;
  log->dropped += length - fits;
}

bool log_flush(struct log *log, size_t *total) {
  if (log->kept_length == 0)
    return true;
  size_t done = write_out(log, log->kept, log->kept_length);
  memmove(log->kept, log->kept + done, log->kept_length - done);
  log->kept_length -= done;
  *total -= done;
  if (log->kept_length > 0)
    return false;
  free(log->kept);
  log->kept = NULL;
  log->kept_capacity = 0;
  return true;
}

void log_append(struct log *log, const char *data, size_t length, size_t *total) {
  size_t done = log_flush(log, total) ? write_out(log, data, length) : 0;
  if (done < length)
    keep(log, data + done, length - done, total);
}
