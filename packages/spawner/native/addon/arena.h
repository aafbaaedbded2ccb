/* Memory that is freed all at once: the strings and lists of one plan. */
#ifndef MAVERICK_ARENA_H
#define MAVERICK_ARENA_H

#include "napi-util.h"

struct arena {
  struct arena_block *blocks;
};

/* Zeroed memory; NULL with an exception when there is none. */
void *arena_alloc(napi_env env, struct arena *arena, size_t size);
void arena_free(struct arena *arena);

/* What a plan's object holds under a name, copied. False with an exception when it is of another kind. */
bool read_property(napi_env env, napi_value object, const char *name, napi_value *value, bool *present);
bool read_string(napi_env env, struct arena *arena, napi_value value, char **text);
bool read_strings(napi_env env, struct arena *arena, napi_value object, const char *name, uint32_t extra, char ***list);
bool read_uint32s(napi_env env, struct arena *arena, napi_value object, const char *name, bool *present,
                  uint32_t **list, uint32_t *count);
bool read_optional_int(napi_env env, napi_value object, const char *name, bool *present, int *number);
bool read_optional_uint32(napi_env env, napi_value object, const char *name, bool *present, uint32_t *number);
bool read_optional_bigint(napi_env env, napi_value object, const char *name, bool *present, uint64_t *number);
bool read_int(napi_env env, napi_value object, const char *name, int *number);

#endif
