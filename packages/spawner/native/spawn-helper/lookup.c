#include "lookup.h"

#include "message.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Group memberships that fit nowhere are no memberships: the kernel's bound. */
enum { GROUPS_MAX = 65536, FIRST_BUFFER = 4096, LARGEST_BUFFER = 16 << 20 };

/* What was found, for the steps that follow. */
static struct {
  char *user_name;
  bool user, group;
  uint32_t user_gid, group_gid;
} found;

/* The size of the next buffer to try, or 0. */
static size_t larger(size_t size) {
  return size == 0 ? FIRST_BUFFER : size < LARGEST_BUFFER ? size * 2 : 0;
}

/*
 * Calls `find` with growing buffers; what it finds stays in memory. A positive errno, as the find functions have it. The
 * first member of a row, of either kind, is its name: NULL where nothing was found.
 */
static int with_buffer(int (*find)(const void *key, void *row, char *buffer, size_t size), const void *key, void *row) {
  int error = ERANGE;
  for (size_t size = larger(0); error == ERANGE && size > 0; size = larger(size)) {
    char *buffer = malloc(size);
    if (buffer == NULL)
      return ENOMEM;
    error = find(key, row, buffer, size);
    if (*(char **)row == NULL)
      free(buffer);
  }
  return error;
}

/* The find functions leave a row without a name where there is none. */
static int find_user(const void *name, void *row, char *buffer, size_t size) {
  struct passwd *result;
  int error = getpwnam_r(name, row, buffer, size, &result);
  if (result == NULL)
    ((struct passwd *)row)->pw_name = NULL;
  return error;
}

static int find_uid(const void *uid, void *row, char *buffer, size_t size) {
  struct passwd *result;
  int error = getpwuid_r(*(const uid_t *)uid, row, buffer, size, &result);
  if (result == NULL)
    ((struct passwd *)row)->pw_name = NULL;
  return error;
}

static int find_group(const void *name, void *row, char *buffer, size_t size) {
  struct group *result;
  int error = getgrnam_r(name, row, buffer, size, &result);
  if (result == NULL)
    ((struct group *)row)->gr_name = NULL;
  return error;
}

/* The ends of logs are the user's, so that programs can open their standard output by name. */
static int give_output(const struct plan *plan) {
  if (plan->own_output && fchown(STDOUT_FILENO, plan->uid, (gid_t)-1) < 0)
    return -errno;
  return plan->own_error && fchown(STDERR_FILENO, plan->uid, (gid_t)-1) < 0 ? -errno : 0;
}

static int get_user(struct plan *plan) {
  struct passwd row = {.pw_name = NULL};
  int error = plan->user == NULL ? 0 : with_buffer(find_user, plan->user, &row);
  if (error != 0)
    return -error;
  if (row.pw_name == NULL)
    return 0;
  found.user = true;
  found.user_name = row.pw_name;
  found.user_gid = row.pw_gid;
  plan->has_uid = true;
  plan->uid = row.pw_uid;
  return give_output(plan);
}

static int get_group(struct plan *plan) {
  struct group row = {.gr_name = NULL};
  int error = plan->group == NULL ? 0 : with_buffer(find_group, plan->group, &row);
  if (error != 0)
    return -error;
  found.group = row.gr_name != NULL;
  found.group_gid = row.gr_gid;
  return 0;
}

/* Whose groups are taken: the user's, or our own where only a group is asked for. NULL: nobody's. */
static const char *member(void) {
  uid_t self = geteuid();
  struct passwd row = {.pw_name = NULL};
  if (found.user)
    return found.user_name;
  return with_buffer(find_uid, &self, &row) == 0 ? row.pw_name : NULL;
}

/* The groups that PAM has given beside those of the tables. */
static void add_groups(uint32_t *groups, uint32_t *count, const struct plan *plan) {
  for (uint32_t i = 0; i < plan->added_group_count; i++) {
    uint32_t known = 0;
    while (known < *count && groups[known] != plan->added_groups[i])
      known++;
    if (known == *count)
      groups[(*count)++] = plan->added_groups[i];
  }
}

/* As initgroups(3), but kept for the step that sets them. */
static int get_groups(struct plan *plan) {
  const char *name = member();
  int count = 1, room = 64;
  for (;;) {
    gid_t *groups = calloc((size_t)room + plan->added_group_count, sizeof *groups);
    if (groups == NULL)
      return -ENOMEM;
    groups[0] = plan->gid;
    count = room;
    if (name == NULL)
      count = 1;
    else if (getgrouplist(name, plan->gid, groups, &count) < 0 && room < GROUPS_MAX) {
      free(groups);
      room *= 2;
      continue;
    }
    plan->group_count = (uint32_t)(count < room ? count : room);
    add_groups(groups, &plan->group_count, plan);
    plan->groups = groups;
    plan->has_groups = true;
    return 0;
  }
}

/* Once both are known. Only root may set supplementary groups. */
static int conclude(struct plan *plan) {
  if (!is_heard(plan->report_fd))
    return -EPIPE; /* a job that nobody supervises is not wanted */
  if (plan->user == NULL && plan->group == NULL)
    return 0;
  plan->has_gid = true;
  plan->gid = plan->group != NULL ? found.group_gid : found.user_gid;
  return geteuid() == 0 ? get_groups(plan) : 0;
}

int look_up(struct plan *plan, enum step step) {
  switch (step) {
    case STEP_getpwnam:
      return get_user(plan);
    case STEP_user:
      return plan->user != NULL && !found.user ? NO_SUCH_NAME : 0;
    case STEP_getgrnam:
      return get_group(plan);
    case STEP_group:
      return plan->group != NULL && !found.group ? NO_SUCH_NAME : conclude(plan);
    default:
      return 0;
  }
}
