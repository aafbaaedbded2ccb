#include "listen.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { ATTEMPTS = 20, PAUSE_NANOSECONDS = 10 * 1000 * 1000, WAITING = 8 };

struct name {
  struct sockaddr_un address;
  socklen_t size;
};

static bool fill(struct name *name, const char *address) {
  size_t length = strlen(address);
  bool is_abstract = address[0] == '@';
  *name = (struct name){.address.sun_family = AF_UNIX};
  if (length == 0 || length >= sizeof name->address.sun_path)
    return false;
  memcpy(name->address.sun_path, address, length);
  if (is_abstract)
    name->address.sun_path[0] = '\0';
  name->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (is_abstract ? 0 : 1));
  return true;
}

static int new_socket(void) {
  return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static void remove_if_stale(const struct name *name) {
  const char *path = name->address.sun_path;
  struct stat status;
  int fd = new_socket();
  if (fd < 0)
    return;
  if (path[0] != '\0' && lstat(path, &status) == 0 && S_ISSOCK(status.st_mode) &&
      connect(fd, (const struct sockaddr *)&name->address, name->size) < 0 && errno == ECONNREFUSED)
    (void)unlink(path);
  (void)close(fd);
}

/* Whoever connects is asked who they are; a path is for our user alone besides. */
static int bind_name(int fd, const struct name *name) {
  mode_t before = umask(0177);
  int result = bind(fd, (const struct sockaddr *)&name->address, name->size) < 0 ? -errno : 0;
  (void)umask(before);
  return result == 0 && listen(fd, WAITING) < 0 ? -errno : result;
}

int listen_at(const char *address) {
  struct name name;
  if (!fill(&name, address))
    return -ENAMETOOLONG;
  int fd = new_socket();
  if (fd < 0)
    return -errno;
  int result = bind_name(fd, &name);
  for (int i = 0; i < ATTEMPTS && result == -EADDRINUSE; i++) {
    (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NANOSECONDS}, NULL);
    remove_if_stale(&name);
    result = bind_name(fd, &name);
  }
  if (result == 0)
    return fd;
  (void)close(fd);
  return result;
}
