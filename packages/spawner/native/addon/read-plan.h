/* A plan from the object that src/plan.ts makes; the same names in both. */
#ifndef MAVERICK_READ_PLAN_H
#define MAVERICK_READ_PLAN_H

#include "arena.h"
#include "plan.h"

bool read_plan(napi_env env, struct arena *arena, napi_value object, struct plan *plan);

#endif
