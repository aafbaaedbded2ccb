/* Reading what jobs write. */
#ifndef MAVERICK_READ_SOURCE_H
#define MAVERICK_READ_SOURCE_H

#include "log.h"

enum reading { READ_MORE, READ_ALL, READ_END };

/* Reads one chunk and hands it to the file. */
enum reading source_read(struct source *source);

/* Reads what is there. A process that never pauses can't keep it from ending. */
enum reading source_drain(struct source *source);

/* What the log process before us had read of a new log, and not written, comes first. */
void source_resume(struct log *log);

/* Nothing more is read: what has no newline yet goes out as it is. */
void source_end_line(struct source *source);

#endif
