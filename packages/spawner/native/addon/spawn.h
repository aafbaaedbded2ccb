/* Starting one process, for whoever starts many. */
#ifndef MAVERICK_SPAWN_H
#define MAVERICK_SPAWN_H

#include "napi-util.h"
#include "plan.h"

#include <sys/types.h>

/* Blocks these signals, libc's own among them, and no others. Returns those that were blocked. */
uint64_t set_signal_mask(uint64_t mask);

/* A pid, or a negative errno. Holds the calling thread up until the child has exec'd or ended. */
pid_t clone_child(struct plan *plan);

/* What JavaScript is told of a child that shared our memory: its pid, or { step, errno, argument }. */
napi_value spawn_result(napi_env env, const struct plan *plan, pid_t pid);

/* spawnAll(plans) */
napi_value spawn_all(napi_env env, napi_callback_info info);

#endif
