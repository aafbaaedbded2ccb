/* A queue of messages from one thread to another, with a descriptor that is readable while something is in it. */
#ifndef MAVERICK_LOG_QUEUE_H
#define MAVERICK_LOG_QUEUE_H

#include "log-file.h"

#include <pthread.h>

enum message_kind {
  ORDER_ADD,         /* move the output of the log `added` */
  ORDER_DRAIN,       /* take in what is there of `log`, then post `reply` */
  ORDER_FLUSH,       /* try again to write what is kept */
  ORDER_STOP,        /* take in and write what is there, and end */
  NOTICE_DRAINED,    /* everything that was written before the order to drain is in the file, or kept */
  NOTICE_UNWRITABLE, /* the file can't be written, `number` is the errno; output is kept */
  NOTICE_DROPPED,    /* `number` bytes did not fit into what is kept */
  NOTICE_ENDED,      /* the output has ended and is in the file: the last notice of a log */
};

struct message {
  struct message *next;
  enum message_kind kind;
  uint32_t log;
  uint64_t number;
  struct log *added;
  struct message *reply;
};

struct queue {
  pthread_mutex_t lock;
  struct message *first, **end;
  int fd; /* -1: not open */
};

/* NULL without memory. */
struct message *message_new(enum message_kind kind, uint32_t log);

/* 0 or an errno. */
int queue_open(struct queue *queue);

/* Frees what is still in it. */
void queue_close(struct queue *queue);
void queue_put(struct queue *queue, struct message *message);

/* Everything at once, oldest first; the caller frees the messages. */
struct message *queue_take(struct queue *queue);

#endif
