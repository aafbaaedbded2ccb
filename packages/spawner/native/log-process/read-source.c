#include "read-source.h"

#include <errno.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

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

/* A pipe ends with 0, a terminal with EIO. */
enum reading source_read(struct source *source) {
  enum reading reading = READ_MORE;
  size_t length = 0;
  while (reading == READ_MORE && length < CHUNK) {
    ssize_t got = read(source->watch.fd, chunk + length, CHUNK - length);
    if (got > 0)
      length += (size_t)got;
    else if (got < 0 && errno == EAGAIN)
      reading = READ_ALL;
    else if (got == 0 || errno != EINTR)
      reading = READ_END;
  }
  if (length > 0)
    take(source, length);
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
