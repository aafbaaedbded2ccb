/*
 * The part of libpam that the helper uses, found at run time: neither its headers nor the library are needed to build
 * or to start processes that want no session. Linux-PAM keeps this ABI stable; OpenPAM is not for Linux.
 */
#ifndef MAVERICK_PAM_LIBRARY_H
#define MAVERICK_PAM_LIBRARY_H

#include <stddef.h>

typedef struct pam_handle pam_handle;

struct pam_message {
  int style;
  const char *text;
};

struct pam_response {
  char *text;
  int unused;
};

struct pam_conversation {
  int (*converse)(int count, const struct pam_message **messages, struct pam_response **responses, void *data);
  void *data;
};

enum { PAM_SUCCESS = 0, PAM_BUF_ERR = 5, PAM_CONV_ERR = 19 };
enum { PAM_TTY = 3, PAM_RUSER = 8 };
enum { PAM_ERROR_MSG = 3, PAM_TEXT_INFO = 4 };
enum { PAM_ESTABLISH_CRED = 2, PAM_DELETE_CRED = 4 };

struct pam_library {
  int (*start)(const char *service, const char *user, const struct pam_conversation *conversation, pam_handle **handle);
  int (*end)(pam_handle *handle, int status);
  int (*set_item)(pam_handle *handle, int item, const void *value);
  int (*acct_mgmt)(pam_handle *handle, int flags);
  int (*setcred)(pam_handle *handle, int flags);
  int (*open_session)(pam_handle *handle, int flags);
  int (*close_session)(pam_handle *handle, int flags);
  int (*putenv)(pam_handle *handle, const char *entry);
  char **(*getenvlist)(pam_handle *handle);
  const char *(*strerror)(pam_handle *handle, int status);
};

/* NULL, or what is missing, in the dynamic loader's words. */
const char *pam_library_load(struct pam_library *library);

#endif
