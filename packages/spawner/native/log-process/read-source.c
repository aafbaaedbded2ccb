#include "read-source.h"

#include "tray.h"
#include "write-out.h"

#include <errno.h>
#include <unistd.h>

enum { CHUNK = TRAY_SIZE };

/* As much as the largest pipe holds, and more than a terminal: after it, all is read that was there at the beginning. */
enum { DRAIN_CHUNKS = (1024 + 64) * 1024 / CHUNK };

/* One for all: no log is read while another is. */
static char chunk[CHUNK];
static bool trickles;

bool logs_trickle(void) {
  bool before = trickles;
  trickles = false;
  return before;
}

static struct json_output json_output_of(const struct source *source) {
  const struct log *log = source->log;
  struct json_output output = {.file = log->file,
                               .stream = source == &log->sources[0] ? "stdout" : "stderr",
                               .job = log->job};
  json_stamp(&output);
  return output;
}

static void take(struct source *source, size_t length) {
  if ((source->log->flags & LOG_JSON) == 0) {
    log_file_append(source->log->file, chunk, length);
    return;
  }
  struct json_output output = json_output_of(source);
  json_append(&source->line, &output, chunk, length);
  json_flush(&output);
}

void source_end_line(struct source *source) {
  if (source->line.length == 0)
    return;
  struct json_output output = json_output_of(source);
  json_end(&source->line, &output);
  json_flush(&output);
}

/* What can't be copied for want of memory is taken out first, and is in ours alone while it is written. */
static void empty_tray(const struct log *log) {
  size_t length;
  while ((length = tray_copy(chunk, CHUNK)) > 0)
    log_file_append_tray(log->file, chunk, length);
  while ((length = tray_remove(chunk, CHUNK)) > 0)
    log_file_append(log->file, chunk, length);
  tray_end();
}

void source_resume(struct log *log) {
  if (!tray_is_of(log->id))
    return;
  if (log_file_open(log->file))
    tray_settle(log->file->fd);
  empty_tray(log);
}

/* A pipe ends with 0, a terminal with EIO. */
static enum reading read_plainly(struct source *source, size_t *length) {
  enum reading reading = READ_MORE;
  while (reading == READ_MORE && *length < CHUNK) {
    ssize_t got = read(source->watch.fd, chunk + *length, CHUNK - *length);
    if (got > 0)
      *length += (size_t)got;
    else if (got < 0 && errno == EAGAIN)
      reading = READ_ALL;
    else if (got == 0 || errno != EINTR)
      reading = READ_END;
  }
  if (*length > 0)
    take(source, *length);
  return reading;
}

/* The tray may be full before a chunk is, with small pieces: there may be more as long as anything came. */
static enum reading read_by_tray(struct source *source, size_t *length) {
  ssize_t got = 1;
  tray_begin(source->log->id);
  while (got > 0 && *length < CHUNK) {
    size_t room = CHUNK - *length;
    got = tray_take(source->watch.fd, room < source->piece ? room : source->piece);
    *length += got > 0 ? (size_t)got : 0;
  }
  empty_tray(source->log);
  if (*length == 0 && (got == -EINVAL || got == -ENOSYS)) {
    source->is_plain = true;
    return read_plainly(source, length);
  }
  return got > 0 || (got == -EAGAIN && *length > 0) ? READ_MORE : got == -EAGAIN ? READ_ALL : READ_END;
}

enum reading source_read(struct source *source) {
  size_t length = 0;
  if (tray_is_taken())
    return READ_MORE;
  /* An object is made of lines, and a begun line is in our memory alone: it would gain nothing by the tray. */
  bool is_plain = source->is_plain || (source->log->flags & LOG_JSON) != 0 || !tray_open();
  enum reading reading = is_plain ? read_plainly(source, &length) : read_by_tray(source, &length);
  trickles = trickles || (length > 0 && length < source->enough);
  return reading;
}

enum reading source_drain(struct source *source) {
  enum reading reading = READ_MORE;
  for (int i = 0; i < DRAIN_CHUNKS && reading == READ_MORE; i++)
    reading = source_read(source);
  if ((source->log->flags & LOG_JSON) != 0)
    source_end_line(source);
  return reading;
}
