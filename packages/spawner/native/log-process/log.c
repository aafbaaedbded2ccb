#include "log.h"

#include "read-source.h"
#include "tray.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BUCKETS = 512, TERMINAL_ENOUGH = 2 * 1024, TERMINAL_PIECE = 4 * 1024, PIPE_ENOUGH = 16 * 1024 };

static struct log *all, *dead, *buckets[BUCKETS];

static struct log *find(uint32_t id) {
  struct log *log = buckets[id % BUCKETS];
  while (log != NULL && log->id != id)
    log = log->next_of_hash;
  return log;
}

static void link_log(struct log *log) {
  struct log **bucket = &buckets[log->id % BUCKETS];
  log->next_of_hash = *bucket;
  *bucket = log;
  log->next = all;
  all = log;
}

static void unlink_log(struct log *log) {
  struct log **at = &buckets[log->id % BUCKETS];
  while (*at != log)
    at = &(*at)->next_of_hash;
  *at = log->next_of_hash;
  for (at = &all; *at != log; at = &(*at)->next)
    continue;
  *at = log->next;
}

static bool is_open(const struct log *log) {
  return log->sources[0].watch.fd >= 0 || log->sources[1].watch.fd >= 0;
}

static bool tell_listed(const struct log *log) {
  char text[LOG_MESSAGE_MAX];
  const struct log_file *file = log->file;
  const char *root = file->root == NULL ? "" : file->root;
  struct log_add add = {.rotate_bytes = file->rotate_bytes,
                        .rotate_keep = file->rotate_keep,
                        .pid = log->pid,
                        .flags = log->flags,
                        .first_source = log->sources[0].watch.fd >= 0 ? 0 : 1,
                        .root_length = (uint16_t)strlen(root),
                        .path_length = (uint16_t)strlen(file->path),
                        .job_length = (uint16_t)strlen(log->job)};
  char *at = text;
  at = (char *)memcpy(at, &add, sizeof add) + sizeof add;
  at = (char *)memcpy(at, root, add.root_length) + add.root_length;
  at = (char *)memcpy(at, file->path, add.path_length) + add.path_length;
  at = (char *)memcpy(at, log->job, add.job_length) + add.job_length;
  int fds[LOG_SOURCES_MAX];
  size_t count = 0;
  for (int i = 0; i < LOG_SOURCES_MAX; i++)
    if (log->sources[i].watch.fd >= 0)
      fds[count++] = log->sources[i].watch.fd;
  return count == 0 || say(LOG_LISTED, log->id, 0, text, (size_t)(at - text), fds, count);
}

static bool tell_of_log(struct tell *tell) {
  struct log *log = CONTAINER(tell, struct log, tell);
  if (log->drained && !say(LOG_DRAINED, log->id, log->drain_token, NULL, 0, NULL, 0))
    return false;
  log->drained = false;
  if (log->listed && !tell_listed(log))
    return false;
  log->listed = false;
  if (!log->ended)
    return true;
  if (!say(LOG_ENDED, log->id, 0, NULL, 0, NULL, 0))
    return false;
  unlink_log(log);
  log->next = dead;
  dead = log;
  return true;
}

static void end_source(struct source *source) {
  struct log *log = source->log;
  watch_remove(&source->watch);
  source_end_line(source);
  if (log->ended || is_open(log))
    return;
  log->ended = true;
  log_file_release(log->file);
  log->file = NULL;
  tell_later(&log->tell);
}

static void on_readable(struct watch *watch, uint32_t events) {
  (void)events;
  struct source *source = CONTAINER(watch, struct source, watch);
  if (source_read(source) == READ_END)
    end_source(source);
}

static void drain(struct log *log) {
  for (int i = 0; i < LOG_SOURCES_MAX; i++)
    if (log->sources[i].watch.fd >= 0 && source_drain(&log->sources[i]) == READ_END)
      end_source(&log->sources[i]);
}

void log_drain(uint32_t id, uint64_t token) {
  struct log *log = find(id);
  if (log == NULL)
    return;
  drain(log);
  log->drain_token = token;
  log->drained = true;
  tell_later(&log->tell);
}

void logs_drain(void) {
  for (struct log *log = all; log != NULL; log = log->next)
    drain(log);
}

void logs_list(void) {
  for (struct log *log = all; log != NULL; log = log->next) {
    log->listed = is_open(log);
    if (log->listed)
      tell_later(&log->tell);
  }
}

bool logs_open(void) {
  for (const struct log *log = all; log != NULL; log = log->next)
    if (is_open(log))
      return true;
  return false;
}

static void free_log(struct log *log) {
  for (int i = 0; i < LOG_SOURCES_MAX; i++) {
    watch_remove(&log->sources[i].watch);
    free(log->sources[i].line.text);
  }
  free(log->job);
  free(log);
}

void logs_bury(void) {
  while (dead != NULL) {
    struct log *log = dead;
    dead = log->next;
    free_log(log);
  }
}

void logs_free(void) {
  logs_bury();
  while (all != NULL) {
    struct log *log = all;
    all = log->next;
    free_log(log);
  }
  memset(buckets, 0, sizeof buckets);
}

/* Only a job's settings of its own file count: the newest. */
static void set_rotation(struct log_file *file, const struct log_add *add) {
  file->rotate_bytes = add->rotate_bytes;
  file->rotate_keep = add->rotate_keep;
  file->whole_lines = (add->flags & LOG_JSON) != 0;
  file->at_line_start = file->at_line_start || file->fd < 0;
}

static struct log *new_log(const struct log_request_add *request) {
  const struct log_add *add = &request->add;
  struct log *log = calloc(1, sizeof *log);
  if (log == NULL)
    return NULL;
  for (int i = 0; i < LOG_SOURCES_MAX; i++)
    log->sources[i] = (struct source){.watch = {.fd = -1, .ready = on_readable}, .log = log};
  log->id = request->id;
  log->pid = add->pid;
  log->flags = add->flags;
  log->tell.say = tell_of_log;
  log->job = strndup(request->job, add->job_length);
  if (log->job != NULL)
    log->file = log_file_use(request->root, add->root_length, request->path, add->path_length);
  if (log->file != NULL)
    return log;
  free_log(log);
  return NULL;
}

static int watch_source(struct source *source, int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
    return -errno;
  bool is_terminal = isatty(fd);
  source->enough = is_terminal ? TERMINAL_ENOUGH : PIPE_ENOUGH;
  source->piece = is_terminal ? TERMINAL_PIECE : TRAY_SIZE;
  source->watch.fd = fd;
  int result = watch_add(&source->watch, EPOLLIN);
  if (result < 0)
    source->watch.fd = -1;
  return result;
}

/* Whatever comes of it, the descriptors are no longer the caller's. */
int log_add(const struct log_request_add *request, const int *fds, unsigned count) {
  bool known = request->id == 0 || find(request->id) != NULL;
  struct log *log = known ? NULL : new_log(request);
  int result = known ? -EEXIST : log == NULL ? -ENOMEM : 0;
  if (log != NULL)
    set_rotation(log->file, &request->add);
  for (unsigned i = 0; i < count; i++) {
    if (result == 0)
      result = watch_source(&log->sources[request->add.first_source + i], fds[i]);
    if (result < 0)
      (void)close(fds[i]);
  }
  if (result == 0) {
    link_log(log);
    source_resume(log);
  } else if (log != NULL) {
    log_file_release(log->file);
    free_log(log);
  }
  return result;
}
