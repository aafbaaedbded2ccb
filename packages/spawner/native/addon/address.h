/* Addresses of sockets between JavaScript's plain objects and the kernel's structures. */
#ifndef MAVERICK_ADDRESS_H
#define MAVERICK_ADDRESS_H

#include "napi-util.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <linux/netlink.h>

/* Every kind of address that is understood. `path` has one byte more than the kernel's, so that there is always a NUL. */
union address {
  struct sockaddr any;
  struct sockaddr_in inet;
  struct sockaddr_in6 inet6;
  struct sockaddr_un path;
  struct sockaddr_nl netlink;
  struct sockaddr_storage storage;
};

/*
 * Reads `{ family, address, port, groups }`: the fields that the family needs. `*error` is 0 or a negative errno; false
 * with an exception when it is no such object.
 */
bool read_address(napi_env env, napi_value object, union address *address, socklen_t *size, int *error);

/* The same object from what the kernel said; NULL with an exception. */
napi_value make_address(napi_env env, const union address *address, socklen_t size);

/* '@name' is abstract, of exact length; else a path. 0 or a negative errno. */
int fill_unix_address(const char *text, size_t length, struct sockaddr_un *address, socklen_t *size);

#endif
