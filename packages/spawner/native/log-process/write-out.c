#include "write-out.h"

#include "place.h"
#include "tray.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void log_file_close(struct log_file *file) {
  if (file->fd >= 0)
    (void)close(file->fd);
  file->fd = -1;
}

static bool open_file(struct log_file *file) {
  int directory = place_open_directory(file->root, file->path);
  if (directory < 0)
    return false;
  const char *name = place_name(file->path);
  bool made;
  file->fd = place_open_file(directory, name, &made);
  int error = errno;
  /* Who could read their output still can, when its file was put away or deleted. Only what we have made is given away. */
  if (made && file->owner_known)
    (void)!fchown(file->fd, file->uid, file->gid);
  if (file->fd >= 0 && file->rotate_bytes > 0)
    file->at_line_start = place_ends_line(directory, name);
  (void)close(directory);
  errno = error;
  return file->fd >= 0;
}

static void know(struct log_file *file, const struct stat *status) {
  file->size = S_ISREG(status->st_mode) ? (uint64_t)status->st_size : 0;
  file->owner_known = S_ISREG(status->st_mode);
  file->uid = status->st_uid;
  file->gid = status->st_gid;
}

/* A deleted file is made anew: log rotation by others depends on it. */
bool log_file_open(struct log_file *file) {
  struct stat status;
  bool known = file->fd >= 0 && fstat(file->fd, &status) == 0;
  if (known)
    know(file, &status);
  if (known && status.st_nlink == 0)
    log_file_close(file);
  if (file->fd < 0) {
    if (!open_file(file)) {
      file->error = errno;
      return false;
    }
    file->size = 0;
    if (fstat(file->fd, &status) == 0)
      know(file, &status);
  }
  return true;
}

/* How much was written. */
static size_t write_all(struct log_file *file, const char *data, size_t length, bool in_tray) {
  size_t done = 0;
  file->error = 0;
  while (done < length) {
    if (in_tray)
      tray_writing(file->fd, length - done);
    ssize_t written = write(file->fd, data + done, length - done);
    int error = errno;
    if (in_tray)
      tray_written(written > 0 ? (size_t)written : 0);
    errno = error;
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0) {
      file->error = errno;
      log_file_close(file);
      break;
    }
    done += (size_t)written;
  }
  if (done > 0)
    file->at_line_start = data[done - 1] == '\n';
  file->size += done;
  return done;
}

/* Where it can't be done the file grows on: output matters more than its size. */
static bool rotate(struct log_file *file) {
  int directory = place_open_directory(file->root, file->path);
  bool done = directory >= 0 && place_rotate(directory, place_name(file->path), file->rotate_keep);
  file->rotate_error = done ? 0 : errno;
  if (directory >= 0)
    (void)close(directory);
  if (done)
    log_file_close(file);
  return done;
}

/* How much longer than it should a file becomes for the sake of a whole line: output need not have lines at all. */
enum { MOST_OF_LINE = 1 << 20 };

/* What the file takes of a line that is longer than it. */
static size_t share_of_line(const struct log_file *file, const char *data, size_t length) {
  uint64_t most = file->rotate_bytes + MOST_OF_LINE;
  size_t room = most > file->size ? (size_t)(most - file->size) : 0;
  if (length > room)
    length = room;
  const char *first = length > 0 ? memchr(data, '\n', length) : NULL;
  return first == NULL ? length : (size_t)(first + 1 - data);
}

/* How much of `data` belongs to the file as it is: whole lines, and the one that has begun. 0: it is full. */
static size_t share(const struct log_file *file, const char *data, size_t length) {
  if (file->rotate_bytes == 0)
    return length;
  size_t room = file->rotate_bytes > file->size ? (size_t)(file->rotate_bytes - file->size) : 0;
  if (length <= room)
    return length;
  const char *last = room > 0 ? memrchr(data, '\n', room) : NULL;
  if (last != NULL)
    return (size_t)(last + 1 - data);
  if (file->at_line_start && file->size > 0)
    return 0;
  return share_of_line(file, data, length);
}

size_t write_out(struct log_file *file, const char *data, size_t length, bool in_tray) {
  size_t done = 0;
  while (done < length) {
    if (!log_file_open(file))
      break;
    size_t part = share(file, data + done, length - done);
    if (part == 0 && !rotate(file))
      part = length - done;
    size_t written = write_all(file, data + done, part, in_tray);
    done += written;
    if (written < part)
      break;
  }
  return done;
}
