/*
 * The thread that moves output of processes to their log files. No byte passes through JavaScript, and neither a slow
 * disk nor a flood of output holds up the event loop. The two threads share nothing but two queues: orders to the pump,
 * notices from it.
 */
#ifndef MAVERICK_LOG_PUMP_H
#define MAVERICK_LOG_PUMP_H

#include "log-queue.h"

struct log_pump;

/* Starts the thread. NULL with errno. */
struct log_pump *pump_start(void);

/* Readable when there are notices. */
int pump_notice_fd(const struct log_pump *pump);

/* Takes over `source`. The log's number, or a negative errno. */
int64_t pump_add(struct log_pump *pump, int source, const char *path);

/* Orders; 0 or a negative errno. */
int pump_drain(struct log_pump *pump, uint32_t log);
int pump_flush(struct log_pump *pump);

/* All notices since the last call, oldest first; the caller frees them one by one. */
struct message *pump_take_notices(struct log_pump *pump);

/* Takes in what there is, writes what can be written, ends the thread and frees everything. */
void pump_stop(struct log_pump *pump);

#endif
