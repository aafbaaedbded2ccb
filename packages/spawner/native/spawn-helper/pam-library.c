#include "pam-library.h"

#include <dlfcn.h>
#include <string.h>

static const struct {
  const char *name;
  size_t offset;
} functions[] = {
    {"pam_start", offsetof(struct pam_library, start)},
    {"pam_end", offsetof(struct pam_library, end)},
    {"pam_set_item", offsetof(struct pam_library, set_item)},
    {"pam_acct_mgmt", offsetof(struct pam_library, acct_mgmt)},
    {"pam_setcred", offsetof(struct pam_library, setcred)},
    {"pam_open_session", offsetof(struct pam_library, open_session)},
    {"pam_close_session", offsetof(struct pam_library, close_session)},
    {"pam_putenv", offsetof(struct pam_library, putenv)},
    {"pam_getenvlist", offsetof(struct pam_library, getenvlist)},
    {"pam_strerror", offsetof(struct pam_library, strerror)},
};

const char *pam_library_load(struct pam_library *library) {
  /* For all: the modules expect libpam's symbols to be there. */
  void *file = dlopen("libpam.so.0", RTLD_NOW | RTLD_GLOBAL);
  if (file == NULL)
    return dlerror();
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    void *function = dlsym(file, functions[i].name);
    if (function == NULL)
      return dlerror();
    memcpy((char *)library + functions[i].offset, &function, sizeof function);
  }
  return NULL;
}
