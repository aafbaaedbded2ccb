#include "json-line.h"

#include "stamp.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OUTPUT = 64 * 1024 };

static char buffer[OUTPUT];
static size_t filled;

/* Objects of one read go to the file together. A single object may be longer than the buffer: it goes in parts. */
static void put(struct json_output *output, const char *text, size_t length) {
  while (length > 0) {
    size_t part = length < OUTPUT - filled ? length : OUTPUT - filled;
    memcpy(buffer + filled, text, part);
    filled += part;
    text += part;
    length -= part;
    if (filled == OUTPUT)
      json_flush(output);
  }
}

/* Cuts at the end of an object where there is one, so that what is dropped is dropped by objects. */
void json_flush(struct json_output *output) {
  const char *last = filled < OUTPUT ? NULL : memrchr(buffer, '\n', filled);
  size_t whole = last == NULL ? filled : (size_t)(last + 1 - buffer);
  if (whole > 0)
    log_file_append(output->file, buffer, whole);
  memmove(buffer, buffer + whole, filled - whole);
  filled -= whole;
}

static void put_text(struct json_output *output, const char *text) {
  put(output, text, strlen(text));
}

static void put_escape(struct json_output *output, unsigned char byte) {
  static const char hex[] = "0123456789abcdef";
  const char text[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
  put(output, text, sizeof text);
}

static bool is_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void put_string(struct json_output *output, const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  for (size_t at = 0; at < length;) {
    size_t plain = at;
    while (plain < length && is_plain(bytes[plain]))
      plain++;
    put(output, text + at, plain - at);
    at = plain;
    if (at == length)
      break;
    size_t character = utf8_length(bytes + at, length - at);
    if (character > 1) {
      put(output, text + at, character);
      at += character;
      continue;
    }
    if (character == 0)
      put_text(output, "\\ufffd");
    else
      put_escape(output, bytes[at]);
    at += 1;
  }
}

static void put_object(struct json_output *output, const char *text, size_t length, bool partial) {
  put_text(output, "{\"time\":\"");
  put_text(output, output->time);
  put_text(output, "\",\"stream\":\"");
  put_text(output, output->stream);
  put_text(output, "\",\"job\":\"");
  put_string(output, output->job, strlen(output->job));
  put_text(output, "\",\"message\":\"");
  put_string(output, text, length);
  put_text(output, partial ? "\",\"partial\":true}\n" : "\"}\n");
}

void json_stamp(struct json_output *output) {
  struct timespec now = {0, 0};
  (void)clock_gettime(CLOCK_REALTIME, &now);
  stamp(output->time, now.tv_sec, now.tv_nsec);
}

static void drop_text(struct json_line *line) {
  free(line->text);
  line->text = NULL;
  line->length = 0;
}

void json_end(struct json_line *line, struct json_output *output) {
  if (line->length > 0)
    put_object(output, line->text, line->length, false);
  drop_text(line);
}

/* A line that is too long goes out up to its last whole character. */
static void put_part(struct json_line *line, struct json_output *output) {
  size_t unfinished = utf8_unfinished((const unsigned char *)line->text, line->length);
  size_t part = line->length - unfinished;
  put_object(output, line->text, part, true);
  memmove(line->text, line->text + part, unfinished);
  line->length = unfinished;
}

/* Puts text behind what the line has. Without memory for it each read makes an object. */
static void gather(struct json_line *line, struct json_output *output, const char *data, size_t length) {
  if (length > 0 && line->text == NULL && (line->text = malloc(JSON_LINE)) == NULL) {
    put_object(output, data, length, true);
    return;
  }
  while (length > 0) {
    if (line->length == JSON_LINE)
      put_part(line, output);
    size_t room = JSON_LINE - line->length, part = length < room ? length : room;
    memcpy(line->text + line->length, data, part);
    line->length += part;
    data += part;
    length -= part;
  }
}

void json_append(struct json_line *line, struct json_output *output, const char *data, size_t length) {
  while (length > 0) {
    const char *newline = memchr(data, '\n', length);
    size_t part = newline == NULL ? length : (size_t)(newline - data);
    if (newline != NULL && line->length == 0 && part <= JSON_LINE) {
      put_object(output, data, part, false);
    } else {
      gather(line, output, data, part);
      if (newline != NULL)
        json_end(line, output);
    }
    data += part + (newline != NULL);
    length -= part + (newline != NULL);
  }
}
