#include "tray.h"

#include "log-protocol.h"
#include "tell.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTE_SIZE = 4096 };

/* Read by whoever comes after us, however we end; so the order in which it is written counts. */
struct note {
  uint32_t log;
  uint32_t is_writing; /* the rest holds */
  uint64_t device, inode, size; /* the file, before it is written to */
  uint64_t held;                /* by the tray then */
  uint64_t length;              /* of what is written */
};

enum end { OUT, IN, NOTE };

/* The second pipe takes copies to be read: reading the first would empty it. */
static int tray[TRAY_DESCRIPTORS] = {-1, -1, -1}, copies[2] = {-1, -1}, null = -1;
static volatile struct note *note;
static bool is_impossible, is_taken;

static bool say_tray(struct tell *tell) {
  (void)tell;
  return note == NULL || say(LOG_TRAY_IS, 0, 0, NULL, 0, tray, TRAY_DESCRIPTORS);
}

static struct tell news = {.say = say_tray};

void tray_tell_again(void) {
  if (note != NULL)
    tell_later(&news);
}

static void close_end(int *fd) {
  if (*fd >= 0)
    (void)close(*fd);
  *fd = -1;
}

void tray_close(void) {
  if (note != NULL)
    (void)munmap((void *)note, NOTE_SIZE);
  note = NULL;
  for (int i = 0; i < TRAY_DESCRIPTORS; i++)
    close_end(&tray[i]);
  close_end(&copies[OUT]);
  close_end(&copies[IN]);
  close_end(&null);
}

static bool read_note(void) {
  struct stat status;
  if (fstat(tray[NOTE], &status) < 0 || !S_ISREG(status.st_mode) || status.st_size < NOTE_SIZE)
    return false;
  void *page = mmap(NULL, NOTE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, tray[NOTE], 0);
  if (page == MAP_FAILED)
    return false;
  note = page;
  return true;
}

/* Without /dev/null the tray is emptied by reading. */
static bool prepare(void) {
  null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  return read_note() && fcntl(tray[OUT], F_GETPIPE_SZ) > 0 && fcntl(tray[IN], F_GETPIPE_SZ) > 0 &&
         pipe2(copies, O_CLOEXEC | O_NONBLOCK) == 0;
}

static bool make(void) {
  tray[NOTE] = memfd_create("log-process-tray", MFD_CLOEXEC);
  return tray[NOTE] >= 0 && ftruncate(tray[NOTE], NOTE_SIZE) == 0 && pipe2(tray, O_CLOEXEC | O_NONBLOCK) == 0;
}

bool tray_open(void) {
  if (note != NULL || is_impossible)
    return note != NULL;
  if (make() && prepare()) {
    tray_tell_again();
    return true;
  }
  is_impossible = true;
  tray_close();
  return false;
}

static size_t held(void) {
  int length = 0;
  return ioctl(tray[OUT], FIONREAD, &length) == 0 && length > 0 ? (size_t)length : 0;
}

void tray_adopt(const int *fds, unsigned count) {
  if (count == TRAY_DESCRIPTORS && note == NULL) {
    memcpy(tray, fds, sizeof tray);
    if (prepare())
      is_taken = held() > 0;
    else
      tray_close();
    return;
  }
  for (unsigned i = 0; i < count; i++)
    (void)close(fds[i]);
}

bool tray_is_taken(void) {
  return is_taken;
}

bool tray_is_of(uint32_t log) {
  return is_taken && note->log == log;
}

void tray_free(void) {
  if (is_taken)
    tray_end();
}

void tray_begin(uint32_t log) {
  note->log = log;
}

ssize_t tray_take(int fd, size_t most) {
  ssize_t taken;
  do
    taken = splice(fd, NULL, tray[IN], NULL, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  while (taken < 0 && errno == EINTR);
  return taken < 0 ? -errno : taken;
}

size_t tray_copy(char *bytes, size_t size) {
  ssize_t length = tee(tray[OUT], copies[IN], size, SPLICE_F_NONBLOCK);
  size_t done = 0;
  while (length > 0 && done < (size_t)length) {
    ssize_t got = read(copies[OUT], bytes + done, (size_t)length - done);
    if (got <= 0 && errno != EINTR)
      break;
    done += got > 0 ? (size_t)got : 0;
  }
  return done;
}

size_t tray_remove(char *bytes, size_t size) {
  ssize_t length = read(tray[OUT], bytes, size);
  return length < 0 ? 0 : (size_t)length;
}

static void take_out(size_t length) {
  char nowhere[4096];
  while (length > 0) {
    ssize_t done = splice(tray[OUT], NULL, null, NULL, length, SPLICE_F_NONBLOCK);
    if (done <= 0)
      done = read(tray[OUT], nowhere, length < sizeof nowhere ? length : sizeof nowhere);
    if (done <= 0 && errno != EINTR)
      return;
    length -= done > 0 ? (size_t)done : 0;
  }
}

void tray_writing(int file, size_t length) {
  struct stat status;
  note->is_writing = 0;
  if (fstat(file, &status) < 0 || !S_ISREG(status.st_mode))
    return;
  note->device = status.st_dev;
  note->inode = status.st_ino;
  note->size = (uint64_t)status.st_size;
  note->held = held();
  note->length = length;
  note->is_writing = 1;
}

void tray_written(size_t length) {
  take_out(length);
  note->is_writing = 0;
}

/* How much of what was to be written is in the file. */
static uint64_t arrived(int file) {
  struct stat status;
  if (note->is_writing == 0 || fstat(file, &status) < 0 || status.st_dev != note->device ||
      status.st_ino != note->inode || (uint64_t)status.st_size < note->size)
    return 0;
  uint64_t grown = (uint64_t)status.st_size - note->size;
  return grown < note->length ? grown : note->length;
}

void tray_settle(int file) {
  uint64_t in_file = arrived(file), taken_out = note->held - held();
  if (in_file > taken_out)
    take_out((size_t)(in_file - taken_out));
  note->is_writing = 0;
}

void tray_end(void) {
  take_out(held());
  note->is_writing = 0;
  note->log = 0;
  is_taken = false;
}
