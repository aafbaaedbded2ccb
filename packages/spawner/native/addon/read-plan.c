#include "read-plan.h"

#include <string.h>

static bool read_stdio(napi_env env, napi_value object, struct plan *plan) {
  napi_value array;
  uint32_t count;
  NAPI_CHECK(env, napi_get_named_property(env, object, "stdio", &array));
  return get_ints(env, array, plan->stdio, 3, &count);
}

static bool read_programs(napi_env env, struct arena *arena, napi_value object, struct plan *plan) {
  /* The shell's arguments: itself, the file, and what follows argv[0]. */
  if (!read_strings(env, arena, object, "files", 0, &plan->files) ||
      !read_strings(env, arena, object, "argv", 0, &plan->argv) ||
      !read_strings(env, arena, object, "argv", 1, &plan->shell_argv) ||
      !read_strings(env, arena, object, "env", 0, &plan->envp) ||
      !read_strings(env, arena, object, "chroot", 0, &plan->roots))
    return false;
  if (plan->argv[0] == NULL) {
    (void)napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "argv is empty");
    return false;
  }
  plan->shell_argv[0] = "/bin/sh";
  return true;
}

static bool read_limits(napi_env env, struct arena *arena, napi_value object, struct plan *plan) {
  napi_value array;
  NAPI_CHECK(env, napi_get_named_property(env, object, "limits", &array));
  NAPI_CHECK(env, napi_get_array_length(env, array, &plan->limit_count));
  struct limit *limits = arena_alloc(env, arena, sizeof *limits * plan->limit_count);
  if (limits == NULL)
    return false;
  for (uint32_t i = 0; i < plan->limit_count; i++) {
    napi_value row, soft, hard;
    bool lossless;
    NAPI_CHECK(env, napi_get_element(env, array, i, &row));
    NAPI_CHECK(env, napi_get_named_property(env, row, "soft", &soft));
    NAPI_CHECK(env, napi_get_named_property(env, row, "hard", &hard));
    NAPI_CHECK(env, napi_get_value_bigint_uint64(env, soft, &limits[i].value.soft, &lossless));
    NAPI_CHECK(env, napi_get_value_bigint_uint64(env, hard, &limits[i].value.hard, &lossless));
    if (!read_int(env, row, "resource", &limits[i].resource))
      return false;
  }
  plan->limits = limits;
  return true;
}

/* NULL where there is none. */
static bool read_text(napi_env env, struct arena *arena, napi_value object, const char *name, const char **result) {
  napi_value value;
  bool present;
  char *text = NULL;
  if (!read_property(env, object, name, &value, &present) || (present && !read_string(env, arena, value, &text)))
    return false;
  *result = text;
  return true;
}

static bool read_flag(napi_env env, napi_value object, const char *name, bool *flag) {
  napi_value value;
  NAPI_CHECK(env, napi_get_named_property(env, object, name, &value));
  return get_bool(env, value, flag);
}

/* What only the helper program makes use of. */
static bool read_helper_fields(napi_env env, struct arena *arena, napi_value object, struct plan *plan) {
  return read_text(env, arena, object, "user", &plan->user) && read_text(env, arena, object, "group", &plan->group) &&
         read_text(env, arena, object, "pamService", &plan->pam_service) &&
         read_flag(env, object, "follows", &plan->follows) &&
         read_flag(env, object, "ownOutput", &plan->own_output) && read_flag(env, object, "ownError", &plan->own_error);
}

static bool read_identity(napi_env env, struct arena *arena, napi_value object, struct plan *plan) {
  uint32_t *groups = NULL;
  if (!read_uint32s(env, arena, object, "groups", &plan->has_groups, &groups, &plan->group_count) ||
      !read_optional_uint32(env, object, "uid", &plan->has_uid, &plan->uid) ||
      !read_optional_uint32(env, object, "gid", &plan->has_gid, &plan->gid))
    return false;
  plan->groups = groups;
  return true;
}

static bool read_passed(napi_env env, struct arena *arena, napi_value object, struct plan *plan) {
  napi_value array;
  NAPI_CHECK(env, napi_get_named_property(env, object, "passed", &array));
  NAPI_CHECK(env, napi_get_array_length(env, array, &plan->passed_count));
  plan->passed = arena_alloc(env, arena, sizeof *plan->passed * plan->passed_count);
  if (plan->passed == NULL)
    return false;
  for (uint32_t i = 0; i < plan->passed_count; i++) {
    napi_value row;
    NAPI_CHECK(env, napi_get_element(env, array, i, &row));
    if (!read_int(env, row, "source", &plan->passed[i].source) ||
        !read_int(env, row, "target", &plan->passed[i].target))
      return false;
  }
  return true;
}

static bool read_script(napi_env env, napi_value object, struct plan *plan) {
  return read_int(env, object, "scriptFd", &plan->script.source) &&
         read_int(env, object, "scriptTarget", &plan->script.target);
}

/* The entry was made with room for the digits of any pid behind its "=". */
static bool read_pid_entry(napi_env env, napi_value object, struct plan *plan) {
  int index;
  if (!read_int(env, object, "pidEntry", &index))
    return false;
  plan->pid_digits = index < 0 ? NULL : strchr(plan->envp[index], '=') + 1;
  return true;
}

static bool read_failing(napi_env env, napi_value object, struct plan *plan) {
  int step;
  if (!read_int(env, object, "failingStep", &step) || !read_int(env, object, "failingErrno", &plan->failing_errno))
    return false;
  plan->failing_step = step < 0 ? STEP_COUNT : (enum step)step;
  return true;
}

bool read_plan(napi_env env, struct arena *arena, napi_value object, struct plan *plan) {
  memset(plan, 0, sizeof *plan);
  plan->report_fd = -1;
  return read_programs(env, arena, object, plan) && read_stdio(env, object, plan) &&
         read_flag(env, object, "controlling", &plan->controlling) && read_script(env, object, plan) &&
         read_passed(env, arena, object, plan) && read_pid_entry(env, object, plan) &&
         read_text(env, arena, object, "apparmor", &plan->apparmor) && read_int(env, object, "cgroupFd", &plan->cgroup_fd) &&
         read_int(env, object, "birthFd", &plan->birth_fd) && read_text(env, arena, object, "birth", &plan->birth) &&
         read_limits(env, arena, object, plan) && read_optional_bigint(env, object, "softNofile", &plan->has_soft_nofile, &plan->soft_nofile) &&
         read_optional_int(env, object, "umask", &plan->has_umask, &plan->umask) &&
         read_optional_int(env, object, "nice", &plan->has_nice, &plan->nice) &&
         read_optional_int(env, object, "oom", &plan->has_oom, &plan->oom) &&
         read_text(env, arena, object, "cwd", &plan->directory) && read_identity(env, arena, object, plan) &&
         read_flag(env, object, "pause", &plan->pause) && read_flag(env, object, "trace", &plan->trace) &&
         read_flag(env, object, "ownRights", &plan->own_rights) &&
         read_failing(env, object, plan) && read_helper_fields(env, arena, object, plan);
}
