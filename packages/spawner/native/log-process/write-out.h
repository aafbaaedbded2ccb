/* Writing to a log file: opened when needed, made anew when it was deleted, put away when it is full. */
#ifndef MAVERICK_WRITE_OUT_H
#define MAVERICK_WRITE_OUT_H

#include "log-file.h"

/*
 * How many bytes went into the file; short only on an error, after which the file is opened afresh. `in_tray`: they are
 * what the tray begins with, and are taken out of it.
 */
size_t write_out(struct log_file *file, const char *data, size_t length, bool in_tray);

/* Open, if it can be. */
bool log_file_open(struct log_file *file);

void log_file_close(struct log_file *file);

#endif
