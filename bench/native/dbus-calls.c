// A client made with libdbus, on a private socket, that prints how long its calls took as {"ms":N}.
//   dbus-calls ADDRESS calls COUNT WINDOW   GetJobByName, so many times, with so many on their way
//   dbus-calls ADDRESS jobs COUNT           GetAllJobs, so many times
//   dbus-calls ADDRESS list                 what the original's `initctl list` calls, one after the other
//   dbus-calls ADDRESS introspect           Introspect of the manager, of `jobs`, of every job and its instance
#include <dbus/dbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define UPSTART "com.ubuntu.Upstart0_6"
#define MANAGER "/com/ubuntu/Upstart"
#define JOBS MANAGER "/jobs"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define INTROSPECTABLE "org.freedesktop.DBus.Introspectable"

static DBusConnection *connection;

static void die(const char *what) {
  fprintf(stderr, "dbus-calls: %s\n", what);
  exit(1);
}

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static DBusMessage *message(const char *path, const char *interface, const char *member, const char *a, const char *b) {
  DBusMessage *call = dbus_message_new_method_call(NULL, path, interface, member);
  if (a != NULL) dbus_message_append_args(call, DBUS_TYPE_STRING, &a, DBUS_TYPE_INVALID);
  if (b != NULL) dbus_message_append_args(call, DBUS_TYPE_STRING, &b, DBUS_TYPE_INVALID);
  return call;
}

static DBusMessage *call(const char *path, const char *interface, const char *member, const char *a, const char *b) {
  DBusError error = DBUS_ERROR_INIT;
  DBusMessage *request = message(path, interface, member, a, b);
  DBusMessage *reply = dbus_connection_send_with_reply_and_block(connection, request, DBUS_TIMEOUT_INFINITE, &error);
  if (reply == NULL) die(error.message);
  dbus_message_unref(request);
  return reply;
}

static void many(long count, long window) {
  long sent = 0, answered = 0;
  while (answered < count) {
    while (sent < count && sent - answered < window) {
      DBusMessage *request = message(MANAGER, UPSTART, "GetJobByName", "job-0001", NULL);
      dbus_connection_send(connection, request, NULL);
      dbus_message_unref(request);
      sent++;
    }
    if (!dbus_connection_read_write(connection, -1)) die("disconnected");
    for (DBusMessage *reply; (reply = dbus_connection_pop_message(connection)) != NULL; dbus_message_unref(reply)) {
      int type = dbus_message_get_type(reply);
      if (type == DBUS_MESSAGE_TYPE_ERROR) die(dbus_message_get_error_name(reply));
      if (type == DBUS_MESSAGE_TYPE_METHOD_RETURN) answered++;
    }
  }
}

static void one_by_one(long count) {
  while (count-- > 0) dbus_message_unref(call(MANAGER, UPSTART, "GetJobByName", "job-0001", NULL));
}

static char **paths(DBusMessage *reply, int *count) {
  char **list;
  if (!dbus_message_get_args(reply, NULL, DBUS_TYPE_ARRAY, DBUS_TYPE_OBJECT_PATH, &list, count, DBUS_TYPE_INVALID))
    die("no paths");
  dbus_message_unref(reply);
  return list;
}

static void each_job(void (*act)(const char *job)) {
  int count;
  char **jobs = paths(call(MANAGER, UPSTART, "GetAllJobs", NULL, NULL), &count);
  for (int i = 0; i < count; i++) act(jobs[i]);
  dbus_free_string_array(jobs);
}

static void list_job(const char *job) {
  int count;
  char **instances = paths(call(job, UPSTART ".Job", "GetAllInstances", NULL, NULL), &count);
  dbus_message_unref(call(job, PROPERTIES, "Get", UPSTART ".Job", "name"));
  for (int i = 0; i < count; i++) dbus_message_unref(call(instances[i], PROPERTIES, "GetAll", UPSTART ".Instance", NULL));
  dbus_free_string_array(instances);
}

static void introspect(const char *path) { dbus_message_unref(call(path, INTROSPECTABLE, "Introspect", NULL, NULL)); }

static void introspect_job(const char *job) {
  int count;
  introspect(job);
  char **instances = paths(call(job, UPSTART ".Job", "GetAllInstances", NULL, NULL), &count);
  for (int i = 0; i < count; i++) introspect(instances[i]);
  dbus_free_string_array(instances);
}

int main(int argc, char **argv) {
  if (argc < 3) die("usage: dbus-calls ADDRESS calls|jobs|list|introspect ...");
  DBusError error = DBUS_ERROR_INIT;
  connection = dbus_connection_open_private(argv[1], &error);
  if (connection == NULL) die(error.message);
  dbus_connection_set_exit_on_disconnect(connection, FALSE);
  one_by_one(200);
  double begun = now_ms();
  if (strcmp(argv[2], "calls") == 0 && argc == 5) {
    if (atol(argv[4]) == 1) one_by_one(atol(argv[3]));
    else many(atol(argv[3]), atol(argv[4]));
  } else if (strcmp(argv[2], "jobs") == 0 && argc == 4) {
    for (long count = atol(argv[3]); count > 0; count--) dbus_message_unref(call(MANAGER, UPSTART, "GetAllJobs", NULL, NULL));
  } else if (strcmp(argv[2], "list") == 0) {
    each_job(list_job);
  } else if (strcmp(argv[2], "introspect") == 0) {
    introspect(MANAGER);
    introspect(JOBS);
    each_job(introspect_job);
  } else {
    die("unknown arguments");
  }
  printf("{\"ms\":%.3f}\n", now_ms() - begun);
  return 0;
}
