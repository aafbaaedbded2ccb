/*
 * Starting many processes at once. A thread stands still until its child has exec'd, and where the kernel groups tasks by
 * session (sched_autogroup_enabled), a child gives its processor up as soon as it leads one: so several threads start
 * several children, and while one waits for its turn the others go on.
 */
#include "read-plan.h"
#include "spawn.h"

#include <pthread.h>
#include <stdatomic.h>

/* As many as wait at once; they work no more than one does. */
enum { MOST_THREADS = 8, THREAD_STACK_SIZE = 256 * 1024 };

struct batch {
  struct plan *plans;
  pid_t *pids;
  uint32_t count;
  _Atomic uint32_t next;
};

static void *start_some(void *data) {
  struct batch *batch = data;
  for (uint32_t i; (i = atomic_fetch_add(&batch->next, 1)) < batch->count;)
    batch->pids[i] = clone_child(&batch->plans[i]);
  return NULL;
}

/* Threads that can't be had are done without: this one starts what is left. */
static void start_batch(struct batch *batch) {
  pthread_t threads[MOST_THREADS - 1];
  uint32_t made = 0;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) == 0) {
    uint64_t mask = set_signal_mask(~UINT64_C(0)); /* they inherit it: no handler may run on a borrowed stack */
    if (pthread_attr_setstacksize(&attributes, THREAD_STACK_SIZE) == 0)
      while (made < MOST_THREADS - 1 && made + 1 < batch->count &&
             pthread_create(&threads[made], &attributes, start_some, batch) == 0)
        made++;
    (void)set_signal_mask(mask);
    (void)pthread_attr_destroy(&attributes); /* can't fail once it is made */
  }
  (void)start_some(batch);
  while (made > 0)
    (void)pthread_join(threads[--made], NULL); /* can't fail: it is ours, and joined once */
}

static bool read_batch(napi_env env, struct arena *arena, napi_value list, struct batch *batch) {
  NAPI_CHECK(env, napi_get_array_length(env, list, &batch->count));
  batch->plans = arena_alloc(env, arena, sizeof *batch->plans * (batch->count + 1));
  batch->pids = arena_alloc(env, arena, sizeof *batch->pids * (batch->count + 1));
  if (batch->plans == NULL || batch->pids == NULL)
    return false;
  for (uint32_t i = 0; i < batch->count; i++) {
    napi_value object;
    NAPI_CHECK(env, napi_get_element(env, list, i, &object));
    if (!read_plan(env, arena, object, &batch->plans[i]))
      return false;
  }
  return true;
}

static napi_value results(napi_env env, const struct batch *batch) {
  napi_value list;
  NAPI_TRY(env, napi_create_array_with_length(env, batch->count, &list));
  for (uint32_t i = 0; i < batch->count; i++) {
    napi_value result = spawn_result(env, &batch->plans[i], batch->pids[i]);
    if (result == NULL)
      return NULL;
    NAPI_TRY(env, napi_set_element(env, list, i, result));
  }
  return list;
}

/* spawnAll(plans) -> for each what spawn() returns. None of them may pause or be traced: that is a matter of one thread. */
napi_value spawn_all(napi_env env, napi_callback_info info) {
  napi_value list, result = NULL;
  struct arena arena = {NULL};
  struct batch batch = {.plans = NULL};
  if (!get_arguments(env, info, 1, &list))
    return NULL;
  if (read_batch(env, &arena, list, &batch)) {
    start_batch(&batch);
    result = results(env, &batch);
  }
  arena_free(&arena);
  return result;
}
