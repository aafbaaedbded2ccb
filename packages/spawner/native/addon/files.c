/* Files that are opened before the child exists: its script, the console, the user tables of its root. */
#include "napi-util.h"
#include "memory-file.h"
#include "plan-fd.h"
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

int out_of_the_way(int fd) {
  if (fd < 0 || fd >= LOWEST_PLAN_FD)
    return fd;
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_PLAN_FD);
  int error = errno;
  (void)close(fd);
  return moved < 0 ? -error : moved;
}

static int fill_script(int fd, const char *text, size_t length) {
  int result = write_all(fd, text, length);
  if (result == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
    result = -errno;
  return result;
}

static int new_script(const char *text, size_t length) {
  int fd = out_of_the_way(new_memory_file("script"));
  if (fd < 0)
    return fd;
  int result = fill_script(fd, text, length);
  if (result < 0) {
    (void)close(fd);
    return result;
  }
  return fd;
}

/* scriptOpen(text) -> a sealed file in memory that holds the script */
static napi_value script_open(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t length;
  if (!get_arguments(env, info, 1, &argument))
    return NULL;
  NAPI_TRY(env, napi_get_value_string_utf8(env, argument, NULL, 0, &length));
  char *text = malloc(length + 1);
  if (text == NULL)
    return make_number(env, -ENOMEM);
  napi_status status = napi_get_value_string_utf8(env, argument, text, length + 1, &length);
  int fd = status == napi_ok ? new_script(text, length) : 0;
  free(text);
  NAPI_TRY(env, status);
  return make_number(env, fd);
}

/* consoleOpen() -> /dev/console, opened without waiting for a carrier and without becoming our terminal */
static napi_value console_open(napi_env env, napi_callback_info info) {
  (void)info;
  int fd = open("/dev/console", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return make_number(env, -errno);
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0) {
    int error = errno;
    (void)close(fd);
    return make_number(env, -error);
  }
  return make_number(env, out_of_the_way(fd));
}

/* The kernel's struct open_how, declared here because <linux/openat2.h> is missing on small systems. */
struct open_how_raw {
  uint64_t flags, mode, resolve;
};
enum { RESOLVE_IN_ROOT_FLAG = 0x10 };

/* One part after the other, and no links at all: what is left to kernels without openat2 (before 5.6). */
static int walk(int root, char *path, int flags) {
  int at = fcntl(root, F_DUPFD_CLOEXEC, 0);
  char *rest, *part = strtok_r(path, "/", &rest);
  if (at >= 0 && part == NULL)
    part = ".";
  while (part != NULL && at >= 0) {
    char *following = strtok_r(NULL, "/", &rest);
    int how = (following == NULL ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC;
    int next = strcmp(part, "..") == 0 ? -1 : openat(at, part, how);
    int error = strcmp(part, "..") == 0 ? EXDEV : errno;
    (void)close(at);
    errno = error;
    at = next;
    part = following;
  }
  return at;
}

/*
 * Opens `path` as if `root` were "/": neither links nor ".." lead out. Closes `root`. Changes `path` if it must walk:
 * where the kernel has no openat2, or a filter of system calls that does not know it says EPERM.
 */
static int open_in_root(int root, char *path, int flags, bool walks) {
  struct open_how_raw how = {.flags = (uint64_t)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT_FLAG};
  int fd = walks ? -1 : (int)syscall(SYS_openat2, root, path, &how, sizeof how);
  if (fd < 0 && (walks || errno == ENOSYS || errno == EPERM))
    fd = walk(root, path, flags);
  int error = errno;
  (void)close(root);
  return fd < 0 ? -error : fd;
}

static int close_and(int fd, int result) {
  (void)close(fd);
  return result;
}

/* The outermost root is the only one that is not seen from inside another. */
static int open_outermost(const char *path) {
  int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

/* The innermost of the roots, or a negative errno; false with an exception. */
static bool open_roots(napi_env env, napi_value roots, bool walks, int *fd) {
  uint32_t count;
  char path[PATH_MAX];
  int error = 0;
  NAPI_CHECK(env, napi_get_array_length(env, roots, &count));
  *fd = count == 0 ? open_outermost("/") : 0;
  for (uint32_t i = 0; i < count && *fd >= 0; i++) {
    napi_value root;
    if (napi_get_element(env, roots, i, &root) != napi_ok || !get_path(env, root, path, &error)) {
      if (i > 0)
        (void)close(*fd);
      (void)throw_last_error(env);
      return false;
    }
    if (error < 0)
      *fd = i == 0 ? error : close_and(*fd, error);
    else
      *fd = i == 0 ? open_outermost(path) : open_in_root(*fd, path, O_PATH | O_DIRECTORY, walks);
  }
  return true;
}

/*
 * openInRoots(roots, path, walks) -> a descriptor for reading: `path` as a process sees it that has chrooted to each
 * root. `walks`: as on a kernel without openat2.
 */
static napi_value open_in_roots(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  char path[PATH_MAX];
  bool walks;
  int fd, error;
  if (!get_arguments(env, info, 3, arguments) || !get_bool(env, arguments[2], &walks) ||
      !get_path(env, arguments[1], path, &error) || !open_roots(env, arguments[0], walks, &fd))
    return NULL;
  if (fd < 0)
    return make_number(env, fd);
  if (error < 0)
    return make_number(env, close_and(fd, error));
  return make_number(env, open_in_root(fd, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, walks));
}

/* As many as most people are in. */
enum { MOST_GROUPS = 1024 };

/* What the kernel takes from a process whose rights change, though for us it is for a moment: see prctl(2). */
struct kept_by_rights {
  int death_signal;
  int dumpable;
};

static void note_kept(struct kept_by_rights *kept) {
  if (prctl(PR_GET_PDEATHSIG, &kept->death_signal) < 0)
    kept->death_signal = 0;
  kept->dumpable = prctl(PR_GET_DUMPABLE);
}

/* Whose user ids are not ours can look into us as little as before: none of those have changed. */
static bool restore_kept(const struct kept_by_rights *kept) {
  bool done = kept->death_signal == 0 || prctl(PR_SET_PDEATHSIG, (unsigned long)kept->death_signal) == 0;
  return (kept->dumpable != 1 || prctl(PR_SET_DUMPABLE, 1UL) == 0) && done;
}

/*
 * fileIdentity(uid, gid, groups) -> 0, or a negative errno: whose rights this thread has on files from now on. libc would
 * change the groups of every thread.
 */
static napi_value file_identity(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int uid, gid, groups[MOST_GROUPS];
  uint32_t count;
  if (!get_arguments(env, info, 3, arguments) || !get_int(env, arguments[0], &uid) || !get_int(env, arguments[1], &gid) ||
      !get_ints(env, arguments[2], groups, MOST_GROUPS, &count))
    return NULL;
  struct kept_by_rights kept;
  note_kept(&kept);
  if (syscall(SYS_setgroups, (size_t)count, groups) < 0)
    return make_number(env, -errno);
  (void)setfsgid((gid_t)gid);
  (void)setfsuid((uid_t)uid);
  /* They tell only what was before; nobody has the id -1. */
  bool is_so = setfsgid((gid_t)-1) == gid && setfsuid((uid_t)-1) == uid;
  return make_number(env, restore_kept(&kept) && is_so ? 0 : -EPERM);
}

const struct addon_function file_functions[] = {
    {"fileIdentity", file_identity},
    {"scriptOpen", script_open},
    {"consoleOpen", console_open},
    {"openInRoots", open_in_roots},
    {NULL, NULL},
};
