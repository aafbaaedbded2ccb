#include "session.h"
#include "message.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A session of its own kind for what runs in the background, as cron's: without this logind would guess from the
 * terminal. Set before the modules run, so that they may say otherwise.
 */
static const char *const defaults[] = {"XDG_SESSION_TYPE=unspecified", "XDG_SESSION_CLASS=background"};

static const char console_name[] = "/dev/console";

static bool is_prompt(const struct pam_message *message) {
  return message->style != PAM_TEXT_INFO && message->style != PAM_ERROR_MSG;
}

/* There is nobody to be asked: what the modules say is passed on, and a question is refused. */
static int converse(int count, const struct pam_message **messages, struct pam_response **responses, void *data) {
  const struct session *session = data;
  for (int i = 0; i < count; i++) {
    if (is_prompt(messages[i]))
      return PAM_CONV_ERR;
    if (session->report_fd >= 0)
      tell_warning(session->report_fd, messages[i]->text);
  }
  /* Freed by the module that asked. */
  *responses = calloc((size_t)count, sizeof **responses);
  return *responses == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

/* `call: PAM's text for the status` */
static void explain(struct session *session, const char *call, int status, char *text, size_t size) {
  (void)snprintf(text, size, "%s: %s", call, session->pam.strerror(session->handle, status));
}

static bool refuse(struct session *session, const char *call, int status) {
  char text[MESSAGE_TEXT];
  explain(session, call, status, text, sizeof text);
  tell_pam_failure(session->report_fd, 0, text);
  if (session->handle != NULL)
    (void)session->pam.end(session->handle, status);
  return false;
}

static int put_defaults(struct session *session) {
  int status = PAM_SUCCESS;
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults && status == PAM_SUCCESS; i++)
    status = session->pam.putenv(session->handle, defaults[i]);
  return status;
}

/* Who asks is the daemon's own user; the terminal is the console if the job is going to own it. */
static int set_items(struct session *session, const struct plan *plan, const char *self) {
  int status = session->pam.set_item(session->handle, PAM_RUSER, self);
  if (status == PAM_SUCCESS && plan->controlling)
    status = session->pam.set_item(session->handle, PAM_TTY, console_name);
  return status == PAM_SUCCESS ? put_defaults(session) : status;
}

/* Credentials that can't be had are no reason not to run, as many services have no `auth` lines that could give any. */
static void establish_credentials(struct session *session) {
  int status = session->pam.setcred(session->handle, PAM_ESTABLISH_CRED);
  if (status == PAM_SUCCESS)
    return;
  char text[MESSAGE_TEXT];
  explain(session, "pam_setcred", status, text, sizeof text);
  tell_warning(session->report_fd, text);
}

static bool open_for(struct session *session, const struct plan *plan, const char *self) {
  const char *user = plan->user == NULL ? self : plan->user;
  const struct pam_conversation conversation = {converse, session};
  int status = session->pam.start(plan->pam_service, user, &conversation, &session->handle);
  if (status != PAM_SUCCESS)
    return refuse(session, "pam_start", status);
  status = set_items(session, plan, self);
  if (status != PAM_SUCCESS)
    return refuse(session, "pam_set_item", status);
  status = session->pam.acct_mgmt(session->handle, 0);
  if (status != PAM_SUCCESS)
    return refuse(session, "pam_acct_mgmt", status);
  establish_credentials(session);
  status = session->pam.open_session(session->handle, 0);
  if (status == PAM_SUCCESS)
    return true;
  (void)session->pam.setcred(session->handle, PAM_DELETE_CRED);
  return refuse(session, "pam_open_session", status);
}

bool session_open(struct session *session, const struct plan *plan) {
  if (geteuid() != 0) {
    tell_pam_failure(session->report_fd, EPERM, "this needs root");
    return false;
  }
  const char *missing = pam_library_load(&session->pam);
  if (missing != NULL) {
    tell_pam_failure(session->report_fd, 0, missing);
    return false;
  }
  /* A copy: the modules look up users, too. */
  const struct passwd *row = getpwuid(geteuid());
  char *self = strdup(row == NULL ? "root" : row->pw_name);
  if (self == NULL) {
    tell_pam_failure(session->report_fd, ENOMEM, "");
    return false;
  }
  bool open = open_for(session, plan, self);
  free(self);
  return open;
}

char **session_environment(struct session *session) {
  return session->pam.getenvlist(session->handle);
}

int session_close(struct session *session) {
  int closed = session->pam.close_session(session->handle, 0);
  int deleted = session->pam.setcred(session->handle, PAM_DELETE_CRED);
  int ended = session->pam.end(session->handle, closed);
  (void)deleted; /* as when they were established */
  return closed == PAM_SUCCESS ? ended : closed;
}
