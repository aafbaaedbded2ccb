#include "keep.h"

#include <stdlib.h>
#include <string.h>

static size_t total;

static size_t room(const struct log_file *file) {
  size_t own = LOG_KEEP - file->kept_length, common = LOG_KEEP_TOTAL - total;
  return own < common ? own : common;
}

static bool reserve(struct log_file *file, size_t length) {
  if (length <= file->kept_capacity)
    return true;
  size_t capacity = file->kept_capacity == 0 ? 4096 : file->kept_capacity;
  while (capacity < length)
    capacity *= 2;
  char *grown = realloc(file->kept, capacity);
  if (grown == NULL)
    return false;
  file->kept = grown;
  file->kept_capacity = capacity;
  return true;
}

/* How much of `data` is kept. Once something was dropped nothing is kept until the file could be written. */
static size_t fitting(const struct log_file *file, const char *data, size_t length) {
  size_t fits = room(file);
  if (file->dropped > 0 && file->kept_length > 0)
    return 0;
  if (fits >= length)
    return length;
  if (!file->whole_lines)
    return fits;
  const char *last = memrchr(data, '\n', fits);
  return last == NULL ? 0 : (size_t)(last + 1 - data);
}

void keep_rest(struct log_file *file, const char *data, size_t length) {
  size_t fits = fitting(file, data, length);
  if (fits > 0 && !reserve(file, file->kept_length + fits))
    fits = 0;
  if (fits > 0)
    memcpy(file->kept + file->kept_length, data, fits);
  file->kept_length += fits;
  total += fits;
  file->dropped += length - fits;
}

void keep_forget(struct log_file *file, size_t length) {
  if (length == file->kept_length) {
    keep_nothing(file);
    return;
  }
  memmove(file->kept, file->kept + length, file->kept_length - length);
  file->kept_length -= length;
  total -= length;
}

void keep_nothing(struct log_file *file) {
  total -= file->kept_length;
  free(file->kept);
  file->kept = NULL;
  file->kept_length = file->kept_capacity = 0;
}
