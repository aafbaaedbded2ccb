#include "napi-util.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

napi_value throw_last_error(napi_env env) {
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending)
    return NULL;
  const napi_extended_error_info *info = NULL;
  const char *message = "the call of Node-API failed";
  if (napi_get_last_error_info(env, &info) == napi_ok && info->error_message != NULL)
    message = info->error_message;
  (void)napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
  return NULL;
}

bool get_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  size_t given = count;
  NAPI_CHECK(env, napi_get_cb_info(env, info, &given, arguments, NULL, NULL));
  return true;
}

bool get_int(napi_env env, napi_value value, int *result) {
  int32_t number;
  NAPI_CHECK(env, napi_get_value_int32(env, value, &number));
  *result = number;
  return true;
}

bool get_bool(napi_env env, napi_value value, bool *result) {
  NAPI_CHECK(env, napi_get_value_bool(env, value, result));
  return true;
}

bool get_ints(napi_env env, napi_value value, int *result, uint32_t capacity, uint32_t *count) {
  uint32_t length;
  NAPI_CHECK(env, napi_get_array_length(env, value, &length));
  if (length > capacity) {
    (void)napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "the array has too many elements");
    return false;
  }
  for (uint32_t i = 0; i < length; i++) {
    napi_value element;
    NAPI_CHECK(env, napi_get_element(env, value, i, &element));
    if (!get_int(env, element, &result[i]))
      return false;
  }
  *count = length;
  return true;
}

bool get_bytes(napi_env env, napi_value value, void **data, size_t *length) {
  NAPI_CHECK(env, napi_get_buffer_info(env, value, data, length));
  return true;
}

static bool get_path_bytes(napi_env env, napi_value value, char *path, size_t *length) {
  void *data;
  if (!get_bytes(env, value, &data, length))
    return false;
  if (*length < PATH_MAX)
    memcpy(path, data, *length);
  return true;
}

bool get_path(napi_env env, napi_value value, char *path, int *error) {
  napi_valuetype type;
  size_t length;
  NAPI_CHECK(env, napi_typeof(env, value, &type));
  if (type != napi_string) {
    if (!get_path_bytes(env, value, path, &length))
      return false;
  } else {
    NAPI_CHECK(env, napi_get_value_string_utf8(env, value, NULL, 0, &length));
    if (length < PATH_MAX)
      NAPI_CHECK(env, napi_get_value_string_utf8(env, value, path, PATH_MAX, &length));
  }
  *error = length >= PATH_MAX ? -ENAMETOOLONG : memchr(path, '\0', length) != NULL ? -EINVAL : 0;
  if (*error == 0)
    path[length] = '\0';
  return true;
}

napi_value make_number(napi_env env, int64_t number) {
  napi_value value;
  NAPI_TRY(env, napi_create_int64(env, number, &value));
  return value;
}

napi_value make_undefined(napi_env env) {
  napi_value value;
  NAPI_TRY(env, napi_get_undefined(env, &value));
  return value;
}

bool set_number(napi_env env, napi_value object, const char *name, int64_t number) {
  napi_value value = make_number(env, number);
  if (value == NULL)
    return false;
  NAPI_CHECK(env, napi_set_named_property(env, object, name, value));
  return true;
}

bool define_functions(napi_env env, napi_value exports, const struct addon_function *functions) {
  for (; functions->name != NULL; functions++) {
    napi_value function;
    NAPI_CHECK(env, napi_create_function(env, functions->name, NAPI_AUTO_LENGTH, functions->call, NULL, &function));
    NAPI_CHECK(env, napi_set_named_property(env, exports, functions->name, function));
  }
  return true;
}
