/*
 * The JSON form of an output: one object a line,
 * {"time":"2026-11-23T08:25:44.123456Z","stream":"stdout","job":"web","message":"a line without its newline"}
 *
 * Messages are UTF-8: each byte that isn't becomes U+FFFD. A line longer than JSON_LINE is cut into several objects, of
 * which all but the last have "partial":true.
 */
#ifndef MAVERICK_JSON_LINE_H
#define MAVERICK_JSON_LINE_H

#include "log-file.h"

enum { JSON_LINE = 16 * 1024 };

/* A line whose end has not been read yet. */
struct json_line {
  char *text;
  size_t length;
};

/* Where objects go, and what all of them say. */
struct json_output {
  struct log_file *file;
  const char *stream;
  const char *job;
  char time[32];
};

void json_stamp(struct json_output *output);

/* Takes in what was read and appends each line that is whole. */
void json_append(struct json_line *line, struct json_output *output, const char *data, size_t length);

/* Appends what has no newline yet. */
void json_end(struct json_line *line, struct json_output *output);

/* Writes what was appended up to now to the file. */
void json_flush(struct json_output *output);

#endif
