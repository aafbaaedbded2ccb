#include "arena.h"

#include <stdlib.h>
#include <string.h>

struct arena_block {
  struct arena_block *next;
  max_align_t data[];
};

void *arena_alloc(napi_env env, struct arena *arena, size_t size) {
  struct arena_block *block = calloc(1, sizeof *block + size);
  if (block == NULL) {
    (void)napi_throw_error(env, "ENOMEM", "out of memory");
    return NULL;
  }
  block->next = arena->blocks;
  arena->blocks = block;
  return block->data;
}

void arena_free(struct arena *arena) {
  while (arena->blocks != NULL) {
    struct arena_block *block = arena->blocks;
    arena->blocks = block->next;
    free(block);
  }
}

bool read_property(napi_env env, napi_value object, const char *name, napi_value *value, bool *present) {
  napi_valuetype type;
  NAPI_CHECK(env, napi_get_named_property(env, object, name, value));
  NAPI_CHECK(env, napi_typeof(env, *value, &type));
  *present = type != napi_undefined;
  return true;
}

bool read_string(napi_env env, struct arena *arena, napi_value value, char **text) {
  size_t length;
  NAPI_CHECK(env, napi_get_value_string_utf8(env, value, NULL, 0, &length));
  *text = arena_alloc(env, arena, length + 1);
  if (*text == NULL)
    return false;
  NAPI_CHECK(env, napi_get_value_string_utf8(env, value, *text, length + 1, &length));
  if (strlen(*text) == length)
    return true;
  (void)napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "a string for the system holds a NUL");
  return false;
}

/* A NULL-terminated list; `extra` places are left free before the first string. */
bool read_strings(napi_env env, struct arena *arena, napi_value object, const char *name, uint32_t extra,
                  char ***list) {
  napi_value array;
  uint32_t length;
  NAPI_CHECK(env, napi_get_named_property(env, object, name, &array));
  NAPI_CHECK(env, napi_get_array_length(env, array, &length));
  *list = arena_alloc(env, arena, sizeof **list * ((size_t)length + extra + 1));
  if (*list == NULL)
    return false;
  for (uint32_t i = 0; i < length; i++) {
    napi_value element;
    NAPI_CHECK(env, napi_get_element(env, array, i, &element));
    if (!read_string(env, arena, element, &(*list)[extra + i]))
      return false;
  }
  return true;
}

bool read_optional_bigint(napi_env env, napi_value object, const char *name, bool *present, uint64_t *number) {
  napi_value value;
  bool lossless;
  if (!read_property(env, object, name, &value, present))
    return false;
  if (*present)
    NAPI_CHECK(env, napi_get_value_bigint_uint64(env, value, number, &lossless));
  return true;
}

bool read_uint32s(napi_env env, struct arena *arena, napi_value object, const char *name, bool *present,
                  uint32_t **list, uint32_t *count) {
  napi_value array;
  if (!read_property(env, object, name, &array, present))
    return false;
  if (!*present)
    return true;
  NAPI_CHECK(env, napi_get_array_length(env, array, count));
  *list = arena_alloc(env, arena, sizeof **list * *count);
  if (*list == NULL)
    return false;
  for (uint32_t i = 0; i < *count; i++) {
    napi_value element;
    NAPI_CHECK(env, napi_get_element(env, array, i, &element));
    NAPI_CHECK(env, napi_get_value_uint32(env, element, &(*list)[i]));
  }
  return true;
}

bool read_optional_int(napi_env env, napi_value object, const char *name, bool *present, int *number) {
  napi_value value;
  return read_property(env, object, name, &value, present) && (!*present || get_int(env, value, number));
}

bool read_optional_uint32(napi_env env, napi_value object, const char *name, bool *present, uint32_t *number) {
  napi_value value;
  if (!read_property(env, object, name, &value, present))
    return false;
  if (*present)
    NAPI_CHECK(env, napi_get_value_uint32(env, value, number));
  return true;
}

bool read_int(napi_env env, napi_value object, const char *name, int *number) {
  napi_value value;
  NAPI_CHECK(env, napi_get_named_property(env, object, name, &value));
  return get_int(env, value, number);
}
