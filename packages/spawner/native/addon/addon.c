/* The addon's entry: everything that it offers is a row of one of these tables. */
#include "napi-util.h"

static const struct addon_function *const tables[] = {
    socket_functions,
    poll_functions,
    spawn_functions,
    helper_functions,
    process_functions,
    file_functions,
    exec_functions,
    pty_functions,
    log_functions,
    inotify_functions,
    bind_functions,
    clock_functions,
    terminal_functions,
    machine_functions,
    netlink_functions,
    pidfd_functions,
    ptrace_functions,
    connector_functions,
    notify_functions,
};

static napi_value initialise(napi_env env, napi_value exports) {
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
    if (!define_functions(env, exports, tables[i]))
      return NULL;
  return exports;
}

NAPI_MODULE(maverick, initialise)
