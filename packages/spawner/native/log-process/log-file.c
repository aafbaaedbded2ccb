#include "log-file.h"

#include "keep.h"
#include "log-protocol.h"
#include "place.h"
#include "tray.h"
#include "write-out.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUCKETS = 512 };

static struct log_file *all, *buckets[BUCKETS];

static struct log_file **bucket_of(const char *path) {
  uint32_t hash = 5381;
  for (; *path != '\0'; path++)
    hash = hash * 33 + (unsigned char)*path;
  return &buckets[hash % BUCKETS];
}

static bool same_root(const char *one, const char *other) {
  return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static void unlink_file(struct log_file *file) {
  struct log_file **at = bucket_of(file->path);
  while (*at != file)
    at = &(*at)->next_of_hash;
  *at = file->next_of_hash;
  for (at = &all; *at != file; at = &(*at)->next)
    continue;
  *at = file->next;
}

static void free_file(struct log_file *file) {
  keep_nothing(file);
  log_file_close(file);
  free(file->root);
  free(file->path);
  free(file);
}

/* A file that nobody uses, for which nothing is kept and of which there is nothing left to say. */
static bool free_if_done(struct log_file *file) {
  if (file->users > 0 || file->kept_length > 0 || file->dropped > 0 || file->tell.queued)
    return false;
  unlink_file(file);
  free_file(file);
  return true;
}

static bool say_of_file(uint32_t kind, uint64_t number, const struct log_file *file) {
  return say(kind, 0, number, file->path, strlen(file->path), NULL, 0);
}

/* Lost bytes are told when the file can be written again, or when nobody writes to it any more. */
static bool is_loss_due(const struct log_file *file) {
  return file->dropped > 0 && (file->error == 0 || file->users == 0);
}

static bool tell_of_file(struct tell *tell) {
  struct log_file *file = CONTAINER(tell, struct log_file, tell);
  if (file->error != 0 && !file->error_told) {
    if (!say_of_file(LOG_UNWRITABLE, (uint64_t)file->error, file))
      return false;
    file->error_told = true;
  }
  if (file->rotate_error != 0 && !file->rotate_error_told) {
    if (!say_of_file(LOG_UNROTATED, (uint64_t)file->rotate_error, file))
      return false;
    file->rotate_error_told = true;
  }
  if (is_loss_due(file) && is_heard()) {
    if (!say_of_file(LOG_DROPPED, file->dropped, file))
      return false;
    file->dropped = 0;
  }
  (void)free_if_done(file);
  return true;
}

static void report(struct log_file *file) {
  if (file->error == 0)
    file->error_told = false;
  if (file->rotate_error == 0)
    file->rotate_error_told = false;
  bool unwritable = file->error != 0 && !file->error_told;
  bool unrotated = file->rotate_error != 0 && !file->rotate_error_told;
  if (unwritable || unrotated || is_loss_due(file))
    tell_later(&file->tell);
}

static struct log_file *new_file(const char *root, size_t root_length, const char *path, size_t path_length) {
  struct log_file *file = calloc(1, sizeof *file);
  if (file == NULL)
    return NULL;
  file->fd = -1;
  file->tell.say = tell_of_file;
  file->root = root_length == 0 ? NULL : strndup(root, root_length);
  file->path = strndup(path, path_length);
  if (file->path == NULL || (root_length > 0 && file->root == NULL)) {
    free(file->root);
    free(file->path);
    free(file);
    return NULL;
  }
  struct log_file **bucket = bucket_of(file->path);
  file->next_of_hash = *bucket;
  *bucket = file;
  file->next = all;
  all = file;
  return file;
}

struct log_file *log_file_use(const char *root, size_t root_length, const char *path, size_t path_length) {
  struct log_file *file = new_file(root, root_length, path, path_length);
  if (file == NULL)
    return NULL;
  for (struct log_file *other = file->next_of_hash; other != NULL; other = other->next_of_hash) {
    if (strcmp(other->path, file->path) != 0 || !same_root(other->root, file->root))
      continue;
    unlink_file(file);
    free_file(file);
    file = other;
    break;
  }
  file->users += 1;
  return file;
}

static bool flush(struct log_file *file) {
  if (file->kept_length > 0)
    keep_forget(file, write_out(file, file->kept, file->kept_length, false));
  return file->kept_length == 0;
}

void log_file_release(struct log_file *file) {
  file->users -= 1;
  (void)flush(file);
  report(file);
  (void)free_if_done(file);
}

static void append(struct log_file *file, const char *data, size_t length, bool in_tray) {
  size_t done = flush(file) ? write_out(file, data, length, in_tray) : 0;
  if (done < length)
    keep_rest(file, data + done, length - done);
  if (in_tray)
    tray_written(length - done);
  report(file);
}

void log_file_append(struct log_file *file, const char *data, size_t length) {
  append(file, data, length, false);
}

void log_file_append_tray(struct log_file *file, const char *data, size_t length) {
  append(file, data, length, true);
}

void log_files_flush(void) {
  struct log_file *next;
  for (struct log_file *file = all; file != NULL; file = next) {
    next = file->next;
    (void)flush(file);
    report(file);
    (void)free_if_done(file);
  }
}

void log_files_reopen(void) {
  for (struct log_file *file = all; file != NULL; file = file->next)
    log_file_close(file);
}

void log_files_tell_again(void) {
  for (struct log_file *file = all; file != NULL; file = file->next) {
    file->error_told = file->rotate_error_told = false;
    report(file);
  }
}

bool log_files_keep(void) {
  for (struct log_file *file = all; file != NULL; file = file->next)
    if (file->kept_length > 0 || file->dropped > 0)
      return true;
  return false;
}

void log_files_free(void) {
  while (all != NULL) {
    struct log_file *file = all;
    all = file->next;
    free_file(file);
  }
  memset(buckets, 0, sizeof buckets);
}
