#include "log-queue.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct message *message_new(enum message_kind kind, uint32_t log) {
  struct message *message = calloc(1, sizeof *message);
  if (message != NULL)
    *message = (struct message){.kind = kind, .log = log};
  return message;
}

int queue_open(struct queue *queue) {
  queue->first = NULL;
  queue->end = &queue->first;
  queue->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (queue->fd < 0)
    return errno;
  return pthread_mutex_init(&queue->lock, NULL);
}

void queue_close(struct queue *queue) {
  if (queue->fd < 0)
    return;
  for (struct message *message = queue->first, *next; message != NULL; message = next) {
    next = message->next;
    free(message);
  }
  (void)pthread_mutex_destroy(&queue->lock);
  (void)close(queue->fd);
  queue->fd = -1;
}

static void wake(int fd) {
  uint64_t one = 1;
  ssize_t written; /* fails only when the counter is full, and then the reader is awake */
  do
    written = write(fd, &one, sizeof one);
  while (written < 0 && errno == EINTR);
}

static void calm(int fd) {
  uint64_t count;
  ssize_t got; /* EAGAIN: nobody has called since */
  do
    got = read(fd, &count, sizeof count);
  while (got < 0 && errno == EINTR);
}

void queue_put(struct queue *queue, struct message *message) {
  message->next = NULL;
  (void)pthread_mutex_lock(&queue->lock);
  *queue->end = message;
  queue->end = &message->next;
  (void)pthread_mutex_unlock(&queue->lock);
  wake(queue->fd);
}

struct message *queue_take(struct queue *queue) {
  calm(queue->fd);
  (void)pthread_mutex_lock(&queue->lock);
  struct message *messages = queue->first;
  queue->first = NULL;
  queue->end = &queue->first;
  (void)pthread_mutex_unlock(&queue->lock);
  return messages;
}
