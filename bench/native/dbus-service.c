// A service on a private socket, made with libdbus: what a daemon in C would answer with, and nothing behind it.
//   dbus-service ADDRESS JOBS
// Prints "ready", then serves one client after the other until it is killed.
#include <dbus/dbus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANAGER "/com/ubuntu/Upstart"
#define JOBS MANAGER "/jobs"
#define INTROSPECTABLE "org.freedesktop.DBus.Introspectable"

static int job_count;
static DBusWatch *listening;
static DBusConnection *client;

static void die(const char *what) {
  fprintf(stderr, "dbus-service: %s\n", what);
  exit(1);
}

static void append_variant(DBusMessageIter *dict, const char *key, const char *type, const void *value) {
  DBusMessageIter entry, variant;
  dbus_message_iter_open_container(dict, DBUS_TYPE_DICT_ENTRY, NULL, &entry);
  dbus_message_iter_append_basic(&entry, DBUS_TYPE_STRING, &key);
  dbus_message_iter_open_container(&entry, DBUS_TYPE_VARIANT, type, &variant);
  dbus_message_iter_append_basic(&variant, type[0], value);
  dbus_message_iter_close_container(&entry, &variant);
  dbus_message_iter_close_container(dict, &entry);
}

static void answer_instance(DBusMessage *reply) {
  const char *name = "", *goal = "start", *state = "running", *role = "main";
  dbus_int32_t pid = 4711;
  DBusMessageIter iter, dict, entry, variant, array, process;
  const char *key = "processes";
  dbus_message_iter_init_append(reply, &iter);
  dbus_message_iter_open_container(&iter, DBUS_TYPE_ARRAY, "{sv}", &dict);
  append_variant(&dict, "name", "s", &name);
  append_variant(&dict, "goal", "s", &goal);
  append_variant(&dict, "state", "s", &state);
  dbus_message_iter_open_container(&dict, DBUS_TYPE_DICT_ENTRY, NULL, &entry);
  dbus_message_iter_append_basic(&entry, DBUS_TYPE_STRING, &key);
  dbus_message_iter_open_container(&entry, DBUS_TYPE_VARIANT, "a(si)", &variant);
  dbus_message_iter_open_container(&variant, DBUS_TYPE_ARRAY, "(si)", &array);
  dbus_message_iter_open_container(&array, DBUS_TYPE_STRUCT, NULL, &process);
  dbus_message_iter_append_basic(&process, DBUS_TYPE_STRING, &role);
  dbus_message_iter_append_basic(&process, DBUS_TYPE_INT32, &pid);
  dbus_message_iter_close_container(&array, &process);
  dbus_message_iter_close_container(&variant, &array);
  dbus_message_iter_close_container(&entry, &variant);
  dbus_message_iter_close_container(&dict, &entry);
  dbus_message_iter_close_container(&iter, &dict);
}

static void answer_paths(DBusMessage *reply, int count, const char *prefix) {
  DBusMessageIter iter, array;
  dbus_message_iter_init_append(reply, &iter);
  dbus_message_iter_open_container(&iter, DBUS_TYPE_ARRAY, "o", &array);
  for (int i = 1; i <= count; i++) {
    char path[256];
    const char *text = path;
    if (count == 1) snprintf(path, sizeof path, "%s/_", prefix);
    else snprintf(path, sizeof path, "%s/job_2d%04d", prefix, i);
    dbus_message_iter_append_basic(&array, DBUS_TYPE_OBJECT_PATH, &text);
  }
  dbus_message_iter_close_container(&iter, &array);
}

// Text of about the length that an object of ours has, and the children.
static void answer_introspection(DBusMessage *reply, const char *path) {
  static const char member[] = "    <method name=\"Name\">\n      <arg name=\"env\" type=\"as\" direction=\"in\"/>\n    </method>\n";
  size_t size = 4096 + (size_t)job_count * 32;
  char *text = malloc(size), *end = text;
  const char *out = text;
  end += sprintf(end, "<node name=\"%s\">\n  <interface name=\"com.ubuntu.Upstart0_6.Job\">\n", path);
  for (int i = 0; i < 20; i++) end += sprintf(end, "%s", member);
  end += sprintf(end, "  </interface>\n");
  if (strcmp(path, JOBS) == 0)
    for (int i = 1; i <= job_count; i++) end += sprintf(end, "  <node name=\"job_2d%04d\"/>\n", i);
  sprintf(end, "</node>\n");
  dbus_message_append_args(reply, DBUS_TYPE_STRING, &out, DBUS_TYPE_INVALID);
  free(text);
}

static void answer(DBusConnection *connection, DBusMessage *call) {
  const char *path = dbus_message_get_path(call), *member = dbus_message_get_member(call);
  DBusMessage *reply = dbus_message_new_method_return(call);
  if (strcmp(member, "GetJobByName") == 0) {
    const char *name, *job = JOBS "/job_2d0001";
    if (!dbus_message_get_args(call, NULL, DBUS_TYPE_STRING, &name, DBUS_TYPE_INVALID)) die("no name");
    dbus_message_append_args(reply, DBUS_TYPE_OBJECT_PATH, &job, DBUS_TYPE_INVALID);
  } else if (strcmp(member, "GetAllJobs") == 0) {
    answer_paths(reply, job_count, JOBS);
  } else if (strcmp(member, "GetAllInstances") == 0) {
    answer_paths(reply, 1, path);
  } else if (strcmp(member, "Get") == 0) {
    const char *name = "job-0001";
    DBusMessageIter iter, variant;
    dbus_message_iter_init_append(reply, &iter);
    dbus_message_iter_open_container(&iter, DBUS_TYPE_VARIANT, "s", &variant);
    dbus_message_iter_append_basic(&variant, DBUS_TYPE_STRING, &name);
    dbus_message_iter_close_container(&iter, &variant);
  } else if (strcmp(member, "GetAll") == 0) {
    answer_instance(reply);
  } else if (strcmp(member, "Introspect") == 0) {
    answer_introspection(reply, path);
  }
  dbus_connection_send(connection, reply, NULL);
  dbus_message_unref(reply);
}

static DBusHandlerResult handle(DBusConnection *connection, DBusMessage *message, void *data) {
  (void)data;
  if (dbus_message_get_type(message) != DBUS_MESSAGE_TYPE_METHOD_CALL) return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
  answer(connection, message);
  return DBUS_HANDLER_RESULT_HANDLED;
}

static void accepted(DBusServer *server, DBusConnection *connection, void *data) {
  (void)server, (void)data;
  if (client == NULL) client = dbus_connection_ref(connection);
}

static dbus_bool_t add_watch(DBusWatch *watch, void *data) {
  (void)data;
  listening = watch;
  return TRUE;
}

static void ignore_watch(DBusWatch *watch, void *data) { (void)watch, (void)data; }

int main(int argc, char **argv) {
  if (argc != 3) die("usage: dbus-service ADDRESS JOBS");
  job_count = atoi(argv[2]);
  DBusError error = DBUS_ERROR_INIT;
  DBusServer *server = dbus_server_listen(argv[1], &error);
  if (server == NULL) die(error.message);
  dbus_server_set_new_connection_function(server, accepted, NULL, NULL);
  dbus_server_set_watch_functions(server, add_watch, ignore_watch, ignore_watch, NULL, NULL);
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct pollfd waiting = {.fd = dbus_watch_get_unix_fd(listening), .events = POLLIN};
    if (poll(&waiting, 1, -1) < 0) die("poll");
    dbus_watch_handle(listening, DBUS_WATCH_READABLE);
    if (client == NULL) continue;
    dbus_connection_add_filter(client, handle, NULL, NULL);
    while (dbus_connection_read_write_dispatch(client, -1)) {
    }
    dbus_connection_unref(client);
    client = NULL;
  }
}
