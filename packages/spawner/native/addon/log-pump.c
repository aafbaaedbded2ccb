#include "log-pump.h"

#include "log-queue.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, EVENTS = 64 };

/*
 * A pty or pipe holds less than this many bytes, so after as many everything has been read that was there when the
 * reading began; a process that never pauses can't keep a drain from ending.
 */
enum { DRAIN_CHUNKS = 4 };

struct log_pump {
  pthread_t thread;
  struct queue orders, notices;
  struct message *stop; /* made beforehand, so that it can always be given */
  uint32_t last_id;     /* of the ordering thread */

  /* Of the pump's own thread. */
  int epoll_fd;
  struct log *logs;     /* with a source */
  struct log *finished; /* without one, but with output that is not in the file yet */
  struct log *dead;     /* to be freed once no event at hand can mean them */
  size_t kept_total;
  char chunk[CHUNK];
};

/* Without memory for it a notice is lost; nobody waits for one of these. */
static void notify(struct log_pump *pump, enum message_kind kind, uint32_t log, uint64_t number) {
  struct message *notice = message_new(kind, log);
  if (notice == NULL)
    return;
  notice->number = number;
  queue_put(&pump->notices, notice);
}

/* Warns when a file stops being writable, and how much was lost once it is again or the log ends. */
static void report(struct log_pump *pump, struct log *log, int error_before, bool ends) {
  if (log->error != 0 && error_before == 0)
    notify(pump, NOTICE_UNWRITABLE, log->id, (uint64_t)log->error);
  if (log->dropped > 0 && (log->error == 0 || ends)) {
    notify(pump, NOTICE_DROPPED, log->id, log->dropped);
    log->dropped = 0;
  }
}

static void flush(struct log_pump *pump, struct log *log) {
  int error_before = log->error;
  (void)log_flush(log, &pump->kept_total);
  report(pump, log, error_before, false);
}

static void unlink_log(struct log **list, struct log *log) {
  while (*list != log)
    list = &(*list)->next;
  *list = log->next;
}

static void discard(struct log_pump *pump, struct log **list, struct log *log) {
  notify(pump, NOTICE_ENDED, log->id, 0);
  unlink_log(list, log);
  log->next = pump->dead;
  pump->dead = log;
}

static void bury(struct log_pump *pump) {
  while (pump->dead != NULL) {
    struct log *log = pump->dead;
    pump->dead = log->next;
    log_free(log, &pump->kept_total);
  }
}

/* Nothing more will come: the log goes, or waits for its file with what is left. */
static void finish(struct log_pump *pump, struct log *log) {
  (void)epoll_ctl(pump->epoll_fd, EPOLL_CTL_DEL, log->source, NULL);
  (void)close(log->source);
  log->source = -1;
  flush(pump, log);
  if (log->kept_length == 0) {
    report(pump, log, log->error, true);
    discard(pump, &pump->logs, log);
    return;
  }
  unlink_log(&pump->logs, log);
  struct log **end = &pump->finished;
  while (*end != NULL)
    end = &(*end)->next;
  log->next = NULL;
  *end = log;
}

/* Finished logs first: they hold what came before, perhaps for the same file. */
static void flush_finished(struct log_pump *pump) {
  struct log *next;
  for (struct log *log = pump->finished; log != NULL; log = next) {
    next = log->next;
    flush(pump, log);
    if (log->kept_length == 0)
      discard(pump, &pump->finished, log);
  }
}

enum reading { READ_MORE, READ_ALL, READ_END };

/* Reads one chunk and hands it to the file. */
static enum reading read_chunk(struct log_pump *pump, struct log *log) {
  enum reading reading = READ_MORE;
  size_t length = 0;
  while (reading == READ_MORE && length < CHUNK) {
    ssize_t got = read(log->source, pump->chunk + length, CHUNK - length);
    if (got > 0)
      length += (size_t)got;
    else if (got < 0 && errno == EAGAIN)
      reading = READ_ALL;
    else if (got == 0 || errno != EINTR)
      reading = READ_END; /* a pipe ends with 0, a terminal with EIO */
  }
  if (length > 0) {
    int error_before = log->error;
    if (pump->finished != NULL)
      flush_finished(pump);
    log_append(log, pump->chunk, length, &pump->kept_total);
    report(pump, log, error_before, false);
  }
  return reading;
}

static void drain(struct log_pump *pump, struct log *log) {
  enum reading reading = READ_MORE;
  for (int i = 0; i < DRAIN_CHUNKS && reading == READ_MORE; i++)
    reading = read_chunk(pump, log);
  if (reading == READ_END)
    finish(pump, log);
}

static struct log *find(struct log *list, uint32_t id) {
  while (list != NULL && list->id != id)
    list = list->next;
  return list;
}

static void add(struct log_pump *pump, struct log *log) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = log};
  log->next = pump->logs;
  pump->logs = log;
  if (epoll_ctl(pump->epoll_fd, EPOLL_CTL_ADD, log->source, &event) < 0) {
    notify(pump, NOTICE_UNWRITABLE, log->id, (uint64_t)errno);
    finish(pump, log);
  }
}

static void flush_all(struct log_pump *pump) {
  flush_finished(pump);
  for (struct log *log = pump->logs; log != NULL; log = log->next)
    flush(pump, log);
}

static void drain_by_id(struct log_pump *pump, struct message *order) {
  struct log *log = find(pump->logs, order->log);
  if (log != NULL)
    drain(pump, log);
  queue_put(&pump->notices, order->reply);
}

/* False: the order was to stop. */
static bool obey(struct log_pump *pump, struct message *order) {
  switch (order->kind) {
  case ORDER_ADD:
    add(pump, order->added);
    return true;
  case ORDER_DRAIN:
    drain_by_id(pump, order);
    return true;
  case ORDER_FLUSH:
    flush_all(pump);
    return true;
  default:
    return false;
  }
}

static bool obey_all(struct log_pump *pump) {
  bool going = true;
  for (struct message *order = queue_take(&pump->orders), *next; order != NULL; order = next) {
    next = order->next;
    going = obey(pump, order) && going;
    free(order);
  }
  return going;
}

static void take_in_the_rest(struct log_pump *pump) {
  struct log *next;
  for (struct log *log = pump->logs; log != NULL; log = next) {
    next = log->next;
    drain(pump, log);
  }
  flush_all(pump);
}

/* One round of events. The queue of orders has no log. */
static bool handle(struct log_pump *pump, const struct epoll_event *events, int count) {
  bool going = true;
  for (int i = 0; i < count; i++) {
    struct log *log = events[i].data.ptr;
    if (log == NULL)
      going = obey_all(pump) && going;
    else if (log->source >= 0 && read_chunk(pump, log) == READ_END)
      finish(pump, log);
  }
  bury(pump);
  return going;
}

static void *run(void *data) {
  struct log_pump *pump = data;
  struct epoll_event events[EVENTS];
  while (handle(pump, events, epoll_wait(pump->epoll_fd, events, EVENTS, -1)))
    continue;
  take_in_the_rest(pump);
  return NULL;
}

static void free_pump(struct log_pump *pump) {
  while (pump->logs != NULL)
    discard(pump, &pump->logs, pump->logs);
  while (pump->finished != NULL)
    discard(pump, &pump->finished, pump->finished);
  bury(pump);
  queue_close(&pump->orders);
  queue_close(&pump->notices);
  if (pump->epoll_fd >= 0)
    (void)close(pump->epoll_fd);
  free(pump->stop);
  free(pump);
}

/* The pump's thread leaves every signal to the others. */
static int start_thread(struct log_pump *pump) {
  sigset_t all, before;
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&pump->thread, NULL, run, pump);
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

/* 0 or an errno. */
static int open_pump(struct log_pump *pump) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  int error = queue_open(&pump->orders);
  if (error == 0)
    error = queue_open(&pump->notices);
  if (error != 0)
    return error;
  pump->stop = message_new(ORDER_STOP, 0);
  pump->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (pump->stop == NULL || pump->epoll_fd < 0 ||
      epoll_ctl(pump->epoll_fd, EPOLL_CTL_ADD, pump->orders.fd, &event) < 0)
    return errno;
  return start_thread(pump);
}

struct log_pump *pump_start(void) {
  struct log_pump *pump = calloc(1, sizeof *pump);
  if (pump == NULL)
    return NULL;
  pump->epoll_fd = pump->orders.fd = pump->notices.fd = -1;
  int error = open_pump(pump);
  if (error == 0)
    return pump;
  free_pump(pump);
  errno = error;
  return NULL;
}

int pump_notice_fd(const struct log_pump *pump) {
  return pump->notices.fd;
}

static int64_t out_of_memory(struct message *order, struct log *log) {
  size_t nothing = 0;
  free(order);
  if (log != NULL) {
    log->source = -1; /* still the caller's */
    log_free(log, &nothing);
  }
  return -ENOMEM;
}

int64_t pump_add(struct log_pump *pump, int source, const char *path) {
  struct message *order = message_new(ORDER_ADD, 0);
  struct log *log = log_new(pump->last_id + 1, source, path);
  if (order == NULL || log == NULL)
    return out_of_memory(order, log);
  uint32_t id = ++pump->last_id;
  order->added = log;
  queue_put(&pump->orders, order);
  return id;
}

/* The notice is made with the order, so that who waits for it gets it even when memory runs out meanwhile. */
int pump_drain(struct log_pump *pump, uint32_t log) {
  struct message *order = message_new(ORDER_DRAIN, log);
  struct message *reply = message_new(NOTICE_DRAINED, log);
  if (order == NULL || reply == NULL) {
    free(order);
    free(reply);
    return -ENOMEM;
  }
  order->reply = reply;
  queue_put(&pump->orders, order);
  return 0;
}

int pump_flush(struct log_pump *pump) {
  struct message *order = message_new(ORDER_FLUSH, 0);
  if (order == NULL)
    return -ENOMEM;
  queue_put(&pump->orders, order);
  return 0;
}

struct message *pump_take_notices(struct log_pump *pump) {
  return queue_take(&pump->notices);
}

void pump_stop(struct log_pump *pump) {
  queue_put(&pump->orders, pump->stop);
  pump->stop = NULL;
  (void)pthread_join(pump->thread, NULL);
  free_pump(pump);
}
