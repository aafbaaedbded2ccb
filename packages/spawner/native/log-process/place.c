#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LOG_MODE = 0640, DIRECTORY = O_PATH | O_DIRECTORY | O_CLOEXEC };

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

/* struct open_how of linux/openat2.h, which is newer than many systems' headers. */
struct how {
  uint64_t flags, mode, resolve;
};

enum { NO_MAGIC_LINKS = 0x02, IN_ROOT = 0x10 };

const char *place_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static int close_keeping_errno(int fd) {
  int error = errno;
  (void)close(fd);
  errno = error;
  return -1;
}

/* One part after the other, and no links at all: what is left to kernels without openat2 (before 5.6). */
static int walk(int root, char *path) {
  int at = fcntl(root, F_DUPFD_CLOEXEC, 0);
  char *rest;
  for (char *part = strtok_r(path, "/", &rest); part != NULL && at >= 0; part = strtok_r(NULL, "/", &rest)) {
    if (strcmp(part, "..") == 0)
      errno = EXDEV;
    int next = strcmp(part, "..") == 0 ? -1 : openat(at, part, DIRECTORY | O_NOFOLLOW);
    (void)close_keeping_errno(at);
    at = next;
  }
  return at;
}

static int open_beneath(int root, char *path) {
  struct how how = {.flags = DIRECTORY, .resolve = IN_ROOT | NO_MAGIC_LINKS};
  int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
  /* Filters of system calls that don't know this one say EPERM. */
  return fd < 0 && (errno == ENOSYS || errno == EPERM) ? walk(root, path) : fd;
}

int place_open_directory(const char *root, const char *path) {
  char directory[PATH_MAX];
  size_t length = (size_t)(place_name(path) - path);
  if (length >= sizeof directory) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(directory, path, length);
  directory[length] = '\0';
  if (length == 0)
    strcpy(directory, ".");
  if (root == NULL)
    return open(directory, DIRECTORY);
  int top = open(root, DIRECTORY);
  if (top < 0)
    return -1;
  int fd = open_beneath(top, directory);
  (void)close_keeping_errno(top);
  return fd;
}

/* Non-blocking, so that a FIFO in the file's place can't hold up every log. */
static int open_append(int directory, const char *name, int flags) {
  return openat(directory, name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags, LOG_MODE);
}

/* A file that is there is opened without O_CREAT, which a sticky directory can forbid (fs.protected_regular). */
int place_open_file(int directory, const char *name, bool *made) {
  int fd = open_append(directory, name, 0);
  *made = false;
  if (fd >= 0 || errno != ENOENT)
    return fd;
  fd = open_append(directory, name, O_CREAT | O_EXCL);
  *made = fd >= 0;
  return fd < 0 && errno == EEXIST ? open_append(directory, name, 0) : fd;
}

bool place_ends_line(int directory, const char *name) {
  struct stat status;
  char last = '\n';
  int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return true;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
    (void)!pread(fd, &last, 1, status.st_size - 1);
  (void)close(fd);
  return last == '\n';
}

static bool numbered(char *result, size_t size, const char *name, uint32_t number) {
  return snprintf(result, size, "%s.%u", name, number) < (int)size;
}

/* The first number that is free, or `keep`: nobody else's files are looked for beyond a gap. */
static uint32_t first_free(int directory, const char *name, uint32_t keep) {
  char path[NAME_MAX + 16];
  uint32_t number = 1;
  while (number < keep && numbered(path, sizeof path, name, number) && faccessat(directory, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    number++;
  return number;
}

bool place_rotate(int directory, const char *name, uint32_t keep) {
  char from[NAME_MAX + 16], to[NAME_MAX + 16];
  if (keep == 0)
    return unlinkat(directory, name, 0) == 0 || errno == ENOENT;
  for (uint32_t number = first_free(directory, name, keep); number > 0; number--) {
    if (!numbered(to, sizeof to, name, number) || !numbered(from, sizeof from, name, number - 1)) {
      errno = ENAMETOOLONG;
      return false;
    }
    if (renameat(directory, number == 1 ? name : from, directory, to) < 0 && errno != ENOENT)
      return false;
  }
  return true;
}
