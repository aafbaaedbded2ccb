/* What concerns the whole machine: mounts, device nodes, file locks, the end of it all, and the records of it. */
#include "arena.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <utmpx.h>

#include <linux/reboot.h>

/* mountAt({ source, target, type, flags, data }) -> 0 or a negative errno */
static napi_value mount_at(napi_env env, napi_callback_info info) {
  static const char *const names[] = {"source", "target", "type", "data"};
  char *texts[4];
  struct arena arena = {NULL};
  napi_value object, value;
  bool present;
  uint32_t flags = 0;
  bool read = get_arguments(env, info, 1, &object) &&
              read_optional_uint32(env, object, "flags", &present, &flags);
  for (size_t i = 0; i < 4 && read; i++)
    read = read_property(env, object, names[i], &value, &present) && read_string(env, &arena, value, &texts[i]);
  int result = 0;
  if (read && mount(texts[0], texts[1], texts[2], flags, texts[3]) < 0)
    result = -errno;
  arena_free(&arena);
  return read ? make_number(env, result) : NULL;
}

/* unmountAt(target, flags) -> 0 or a negative errno */
static napi_value unmount_at(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  char path[PATH_MAX];
  int flags, error;
  if (!get_arguments(env, info, 2, arguments) || !get_path(env, arguments[0], path, &error) ||
      !get_int(env, arguments[1], &flags))
    return NULL;
  return make_number(env, error < 0 ? error : umount2(path, flags) < 0 ? -errno : 0);
}

/* makeNode(path, mode, major, minor) -> 0 or a negative errno. The mode is exact: the umask is nobody's business here. */
static napi_value make_node(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  char path[PATH_MAX];
  int mode, device_major, device_minor, error;
  if (!get_arguments(env, info, 4, arguments) || !get_path(env, arguments[0], path, &error) ||
      !get_int(env, arguments[1], &mode) || !get_int(env, arguments[2], &device_major) ||
      !get_int(env, arguments[3], &device_minor))
    return NULL;
  if (error == 0 && mknod(path, (mode_t)mode, makedev((unsigned)device_major, (unsigned)device_minor)) < 0)
    error = -errno;
  if (error == 0 && chmod(path, (mode_t)mode & 07777) < 0)
    error = -errno;
  return make_number(env, error);
}

/* syncAll() */
static napi_value sync_all(napi_env env, napi_callback_info info) {
  (void)info;
  sync();
  return make_undefined(env);
}

/* lockFile(fd, operation) -> 0 or a negative errno, -EAGAIN when another has it: flock(2), never waiting */
static napi_value lock_file(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int fd, operation;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_int(env, arguments[1], &operation))
    return NULL;
  return make_number(env, flock(fd, operation | LOCK_NB) < 0 ? -errno : 0);
}

/* lockRecords(fd) -> 0 or a negative errno: for writing, against those who lock with fcntl(2) as libc's utmp does */
static napi_value lock_records(napi_env env, napi_callback_info info) {
  napi_value argument;
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return make_number(env, fcntl(fd, F_OFD_SETLK, &lock) < 0 ? -errno : 0);
}

/* The kernel's commands by the names of src/power.ts. */
static const struct command {
  const char *name;
  unsigned number;
} commands[] = {
    {"restart", LINUX_REBOOT_CMD_RESTART},
    {"restart-with", LINUX_REBOOT_CMD_RESTART2},
    {"halt", LINUX_REBOOT_CMD_HALT},
    {"poweroff", LINUX_REBOOT_CMD_POWER_OFF},
    {"kexec", LINUX_REBOOT_CMD_KEXEC},
    {"ctrl-alt-del-on", LINUX_REBOOT_CMD_CAD_ON},
    {"ctrl-alt-del-off", LINUX_REBOOT_CMD_CAD_OFF},
};

static const struct command *find_command(const char *name) {
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    if (strcmp(commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

/* reboot(command, argument) -> 0 or a negative errno, or never */
static napi_value reboot_machine(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct arena arena = {NULL};
  char *name, *argument;
  if (!get_arguments(env, info, 2, arguments))
    return NULL;
  bool read = read_string(env, &arena, arguments[0], &name) && read_string(env, &arena, arguments[1], &argument);
  int result = 0;
  if (read) {
    const struct command *command = find_command(name);
    if (command == NULL)
      result = -EINVAL;
    else if (syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command->number, argument) < 0)
      result = -errno;
  }
  arena_free(&arena);
  return read ? make_number(env, result) : NULL;
}

#define MEMBER_SIZE(member) (sizeof((struct utmpx *)NULL)->member)

/* utmpLayout() -> where this libc has what in a record of utmp and wtmp; it differs between libcs and machines */
static napi_value utmp_layout(napi_env env, napi_callback_info info) {
  (void)info;
  static const struct {
    const char *name;
    size_t number;
  } layout[] = {
      {"size", sizeof(struct utmpx)},
      {"type", offsetof(struct utmpx, ut_type)},
      {"pid", offsetof(struct utmpx, ut_pid)},
      {"line", offsetof(struct utmpx, ut_line)},
      {"id", offsetof(struct utmpx, ut_id)},
      {"user", offsetof(struct utmpx, ut_user)},
      {"host", offsetof(struct utmpx, ut_host)},
      {"exit", offsetof(struct utmpx, ut_exit)},
      {"session", offsetof(struct utmpx, ut_session)},
      {"seconds", offsetof(struct utmpx, ut_tv.tv_sec)},
      {"microseconds", offsetof(struct utmpx, ut_tv.tv_usec)},
      {"secondsSize", MEMBER_SIZE(ut_tv.tv_sec)},
      {"address", offsetof(struct utmpx, ut_addr_v6)},
  };
  napi_value object;
  NAPI_TRY(env, napi_create_object(env, &object));
  for (size_t i = 0; i < sizeof layout / sizeof *layout; i++)
    if (!set_number(env, object, layout[i].name, (int64_t)layout[i].number))
      return NULL;
  return object;
}

const struct addon_function machine_functions[] = {
    {"mountAt", mount_at},
    {"unmountAt", unmount_at},
    {"makeNode", make_node},
    {"syncAll", sync_all},
    {"lockFile", lock_file},
    {"lockRecords", lock_records},
    {"reboot", reboot_machine},
    {"utmpLayout", utmp_layout},
    {NULL, NULL},
};
