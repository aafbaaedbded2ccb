#include "address.h"
#include "arena.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

int fill_unix_address(const char *text, size_t length, struct sockaddr_un *address, socklen_t *size) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  bool abstract = length > 0 && text[0] == '@';
  if (length == 0 || (!abstract && memchr(text, '\0', length) != NULL))
    return -EINVAL;
  if (length >= sizeof address->sun_path + (abstract ? 1 : 0))
    return -ENAMETOOLONG;
  memcpy(address->sun_path, text, length);
  if (abstract)
    address->sun_path[0] = '\0';
  *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (abstract ? 0 : 1));
  return 0;
}

/* What follows the '%' of a link-local address: an interface's name or number. 0 or a negative errno. */
static int fill_scope(const char *text, struct sockaddr_in6 *address) {
  char *end;
  unsigned index = if_nametoindex(text);
  if (index == 0) {
    unsigned long number = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || number > UINT32_MAX)
      return -ENODEV;
    index = (unsigned)number;
  }
  address->sin6_scope_id = index;
  return 0;
}

static int fill_inet6(char *text, int port, struct sockaddr_in6 *address) {
  char *scope = strchr(text, '%');
  if (scope != NULL)
    *scope++ = '\0';
  address->sin6_family = AF_INET6;
  address->sin6_port = htons((uint16_t)port);
  if (inet_pton(AF_INET6, text, &address->sin6_addr) != 1)
    return -EINVAL;
  return scope == NULL ? 0 : fill_scope(scope, address);
}

static int fill_inet(const char *text, int port, struct sockaddr_in *address) {
  address->sin_family = AF_INET;
  address->sin_port = htons((uint16_t)port);
  return inet_pton(AF_INET, text, &address->sin_addr) == 1 ? 0 : -EINVAL;
}

/* An address or a path; longer than any of them can be is cut, but still too long. */
struct text {
  char bytes[sizeof(struct sockaddr_un) + 2];
  size_t length;
};

static bool read_text(napi_env env, napi_value object, const char *name, struct text *text) {
  napi_value value;
  NAPI_CHECK(env, napi_get_named_property(env, object, name, &value));
  NAPI_CHECK(env, napi_get_value_string_utf8(env, value, text->bytes, sizeof text->bytes, &text->length));
  return true;
}

static bool read_inet(napi_env env, napi_value object, int family, union address *address, socklen_t *size,
                      int *error) {
  struct text text;
  int port;
  if (!read_text(env, object, "address", &text) || !read_int(env, object, "port", &port))
    return false;
  *size = family == AF_INET ? sizeof address->inet : sizeof address->inet6;
  if (port < 0 || port > UINT16_MAX || strlen(text.bytes) != text.length)
    *error = -EINVAL;
  else
    *error = family == AF_INET ? fill_inet(text.bytes, port, &address->inet)
                               : fill_inet6(text.bytes, port, &address->inet6);
  return true;
}

static bool read_netlink(napi_env env, napi_value object, union address *address, socklen_t *size) {
  napi_value value;
  NAPI_CHECK(env, napi_get_named_property(env, object, "groups", &value));
  NAPI_CHECK(env, napi_get_value_uint32(env, value, &address->netlink.nl_groups));
  address->netlink.nl_family = AF_NETLINK;
  *size = sizeof address->netlink;
  return true;
}

static bool read_unix(napi_env env, napi_value object, union address *address, socklen_t *size, int *error) {
  struct text text;
  if (!read_text(env, object, "path", &text))
    return false;
  *error = fill_unix_address(text.bytes, text.length, &address->path, size);
  return true;
}

bool read_address(napi_env env, napi_value object, union address *address, socklen_t *size, int *error) {
  struct text family;
  if (!read_text(env, object, "family", &family))
    return false;
  memset(address, 0, sizeof *address);
  *error = 0;
  if (strcmp(family.bytes, "inet") == 0)
    return read_inet(env, object, AF_INET, address, size, error);
  if (strcmp(family.bytes, "inet6") == 0)
    return read_inet(env, object, AF_INET6, address, size, error);
  if (strcmp(family.bytes, "netlink") == 0)
    return read_netlink(env, object, address, size);
  return read_unix(env, object, address, size, error);
}

static bool set_text(napi_env env, napi_value object, const char *name, const char *text, size_t length) {
  napi_value value;
  NAPI_CHECK(env, napi_create_string_utf8(env, text, length, &value));
  NAPI_CHECK(env, napi_set_named_property(env, object, name, value));
  return true;
}

static bool set_inet(napi_env env, napi_value object, const struct sockaddr_in *address) {
  char text[INET_ADDRSTRLEN];
  (void)inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
  return set_text(env, object, "family", "inet", NAPI_AUTO_LENGTH) &&
         set_text(env, object, "address", text, NAPI_AUTO_LENGTH) &&
         set_number(env, object, "port", ntohs(address->sin_port));
}

static bool set_inet6(napi_env env, napi_value object, const struct sockaddr_in6 *address) {
  char text[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE];
  (void)inet_ntop(AF_INET6, &address->sin6_addr, text, INET6_ADDRSTRLEN);
  if (address->sin6_scope_id != 0) {
    size_t length = strlen(text);
    text[length] = '%';
    if (if_indextoname(address->sin6_scope_id, text + length + 1) == NULL)
      text[length] = '\0'; /* the interface has gone */
  }
  return set_text(env, object, "family", "inet6", NAPI_AUTO_LENGTH) &&
         set_text(env, object, "address", text, NAPI_AUTO_LENGTH) &&
         set_number(env, object, "port", ntohs(address->sin6_port));
}

static bool set_unix(napi_env env, napi_value object, const struct sockaddr_un *address, socklen_t size) {
  char text[sizeof address->sun_path];
  size_t length = size > offsetof(struct sockaddr_un, sun_path) ? size - offsetof(struct sockaddr_un, sun_path) : 0;
  if (length > sizeof text)
    length = sizeof text;
  memcpy(text, address->sun_path, length);
  if (length > 0 && text[0] == '\0')
    text[0] = '@';
  else
    length = strnlen(text, length);
  return set_text(env, object, "family", "unix", NAPI_AUTO_LENGTH) && set_text(env, object, "path", text, length);
}

static bool set_netlink(napi_env env, napi_value object, const struct sockaddr_nl *address) {
  return set_text(env, object, "family", "netlink", NAPI_AUTO_LENGTH) &&
         set_number(env, object, "groups", address->nl_groups) && set_number(env, object, "port", address->nl_pid);
}

napi_value make_address(napi_env env, const union address *address, socklen_t size) {
  napi_value object;
  bool made = false;
  NAPI_TRY(env, napi_create_object(env, &object));
  switch (size == 0 ? AF_UNSPEC : address->any.sa_family) {
    case AF_INET:
      made = set_inet(env, object, &address->inet);
      break;
    case AF_INET6:
      made = set_inet6(env, object, &address->inet6);
      break;
    case AF_UNIX:
      made = set_unix(env, object, &address->path, size);
      break;
    case AF_NETLINK:
      made = set_netlink(env, object, &address->netlink);
      break;
    default:
      return make_number(env, -EAFNOSUPPORT);
  }
  return made ? object : NULL;
}
