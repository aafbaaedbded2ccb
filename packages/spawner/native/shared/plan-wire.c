#include "plan-wire.h"

#include "memory-file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Everything begins at a multiple of this, so that what is read can be used where it lies. */
enum { ALIGNMENT = 8 };

/* The first word of a file: a plan of another version would be understood wrongly. */
#define PLAN_VERSION (((uint64_t)sizeof(struct plan) << 32) | (uint64_t)STEP_COUNT << 16 | FIELD_COUNT)

enum {
#define FIELD(name) FIELD_##name,
#define TEXTS(name) FIELD(name)
#define TEXT(name) FIELD(name)
#define VALUE(type, name) FIELD(name)
#define LIST(type, name, count) FIELD(name)
#define FD(name) FIELD(name)
#define STDIO(name) FIELD(name)
#define PASSED(name) FIELD(name)
#define PASSED_LIST(name, count) FIELD(name)
#define MARK(name, list) FIELD(name)
#include "plan-fields.def"
#include "plan-fields-end.h"
#undef FIELD
  FIELD_COUNT
};

/* Grows as it is written. */
struct writer {
  char *data;
  size_t length, capacity;
  bool failed;
};

static size_t aligned(size_t length) {
  return (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool make_room(struct writer *writer, size_t size) {
  size_t needed = writer->length + size;
  if (needed <= writer->capacity)
    return true;
  size_t capacity = needed * 2;
  char *data = realloc(writer->data, capacity);
  if (data == NULL)
    return false;
  writer->data = data;
  writer->capacity = capacity;
  return true;
}

static void put(struct writer *writer, const void *data, size_t size) {
  size_t room = aligned(size);
  if (writer->failed || size == 0)
    return;
  if (!make_room(writer, room)) {
    writer->failed = true;
    return;
  }
  memcpy(writer->data + writer->length, data, size);
  memset(writer->data + writer->length + size, 0, room - size);
  writer->length += room;
}

static void put_number(struct writer *writer, uint64_t number) {
  put(writer, &number, sizeof number);
}

static void put_list(struct writer *writer, const void *items, size_t count, size_t size) {
  put_number(writer, count);
  put(writer, items, count * size);
}

/* The length includes the final NUL, so that 0 is none. */
static void put_text(struct writer *writer, const char *text) {
  put_list(writer, text, text == NULL ? 0 : strlen(text) + 1, 1);
}

static size_t count_texts(char *const *texts) {
  size_t count = 0;
  while (texts != NULL && texts[count] != NULL)
    count++;
  return count;
}

static void put_texts(struct writer *writer, char *const *texts) {
  size_t count = count_texts(texts);
  put_number(writer, count);
  for (size_t i = 0; i < count; i++)
    put_text(writer, texts[i]);
}

/* Which string it is in, counted from 1, and where; 0 is none. */
static void put_mark(struct writer *writer, const char *mark, char *const *texts) {
  size_t count = count_texts(texts), i = 0;
  while (mark != NULL && i < count && (mark < texts[i] || mark > texts[i] + strlen(texts[i])))
    i++;
  bool found = mark != NULL && i < count;
  put_number(writer, found ? i + 1 : 0);
  put_number(writer, found ? (size_t)(mark - texts[i]) : 0);
}

static void put_plan(struct writer *writer, const struct plan *plan) {
  put_number(writer, PLAN_VERSION);
#define TEXTS(name) put_texts(writer, plan->name);
#define TEXT(name) put_text(writer, plan->name);
#define VALUE(type, name) put(writer, &plan->name, sizeof(type));
#define LIST(type, name, count) put_list(writer, plan->name, plan->count, sizeof(type));
#define FD(name) put(writer, &plan->name, sizeof plan->name);
#define STDIO(name) put(writer, plan->name, sizeof plan->name);
#define PASSED(name) put(writer, &plan->name, sizeof plan->name);
#define PASSED_LIST(name, count) put_list(writer, plan->name, plan->count, sizeof(struct passed));
#define MARK(name, list) put_mark(writer, plan->name, plan->list);
#include "plan-fields.def"
#include "plan-fields-end.h"
}

/* What is asked for beyond the end is not there, and fails the whole. */
struct reader {
  char *data;
  size_t left;
  bool failed;
};

static void *take(struct reader *reader, size_t size) {
  size_t room = aligned(size);
  if (reader->failed || room < size || room > reader->left) {
    reader->failed = true;
    return NULL;
  }
  void *data = reader->data;
  reader->data += room;
  reader->left -= room;
  return data;
}

static void get(struct reader *reader, void *value, size_t size) {
  const void *data = take(reader, size);
  if (data != NULL)
    memcpy(value, data, size);
}

static uint64_t get_number(struct reader *reader) {
  uint64_t number = 0;
  get(reader, &number, sizeof number);
  return number;
}

static void *get_list(struct reader *reader, uint32_t *count, size_t size) {
  uint64_t number = get_number(reader);
  *count = (uint32_t)number;
  if (number > UINT32_MAX)
    reader->failed = true;
  return number == 0 ? NULL : take(reader, (size_t)number * size);
}

static char *get_text(struct reader *reader) {
  uint32_t length;
  char *text = get_list(reader, &length, 1);
  if (text != NULL && text[length - 1] != '\0')
    reader->failed = true;
  return text;
}

static char **get_texts(struct reader *reader) {
  uint64_t count = get_number(reader);
  if (count > reader->left / ALIGNMENT)
    reader->failed = true;
  char **texts = reader->failed ? NULL : calloc((size_t)count + 1, sizeof *texts);
  if (texts == NULL) {
    reader->failed = true;
    return NULL;
  }
  for (uint64_t i = 0; i < count; i++)
    texts[i] = get_text(reader);
  return texts;
}

static char *get_mark(struct reader *reader, char **texts) {
  uint64_t number = get_number(reader), offset = get_number(reader);
  if (reader->failed || number == 0)
    return NULL;
  if (number > count_texts(texts) || offset > strlen(texts[number - 1])) {
    reader->failed = true;
    return NULL;
  }
  return texts[number - 1] + offset;
}

static void get_plan(struct reader *reader, struct plan *plan) {
  if (get_number(reader) != PLAN_VERSION)
    reader->failed = true;
#define TEXTS(name) plan->name = get_texts(reader);
#define TEXT(name) plan->name = get_text(reader);
#define VALUE(type, name) get(reader, &plan->name, sizeof(type));
#define LIST(type, name, count) plan->name = get_list(reader, &plan->count, sizeof(type));
#define FD(name) get(reader, &plan->name, sizeof plan->name);
#define STDIO(name) get(reader, plan->name, sizeof plan->name);
#define PASSED(name) get(reader, &plan->name, sizeof plan->name);
#define PASSED_LIST(name, count) plan->name = get_list(reader, &plan->count, sizeof(struct passed));
#define MARK(name, list) plan->name = get_mark(reader, plan->list);
#include "plan-fields.def"
#include "plan-fields-end.h"
}

/* What is not on the way is made of what is: see plan.h. */
static bool derive(struct plan *plan) {
  plan->report_fd = -1;
  size_t count = count_texts(plan->argv);
  plan->shell_argv = calloc(count + 2, sizeof *plan->shell_argv);
  if (plan->shell_argv == NULL || count == 0)
    return false;
  plan->shell_argv[0] = "/bin/sh";
  memcpy(plan->shell_argv + 2, plan->argv + 1, (count - 1) * sizeof *plan->argv);
  return true;
}

int plan_read(int fd, struct plan *plan) {
  struct stat file;
  if (fstat(fd, &file) < 0)
    return -errno;
  memset(plan, 0, sizeof *plan);
  size_t size = (size_t)file.st_size;
  void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  if (data == MAP_FAILED)
    return -errno;
  plan->file = data;
  plan->file_size = size;
  struct reader reader = {data, size, false};
  get_plan(&reader, plan);
  return reader.failed || !derive(plan) ? -EPROTO : 0;
}

void plan_free(struct plan *plan) {
#define TEXTS(name) free(plan->name);
#define TEXT(name)
#define VALUE(type, name)
#define LIST(type, name, count)
#define FD(name)
#define STDIO(name)
#define PASSED(name)
#define PASSED_LIST(name, count)
#define MARK(name, list)
#include "plan-fields.def"
#include "plan-fields-end.h"
  free(plan->shell_argv);
  if (plan->file != NULL)
    (void)munmap(plan->file, plan->file_size);
}

int plan_write(const struct plan *plan) {
  struct writer writer = {NULL, 0, 0, false};
  put_plan(&writer, plan);
  int fd = writer.failed ? -ENOMEM : new_memory_file("plan");
  int result = fd < 0 ? fd : write_all(fd, writer.data, writer.length);
  free(writer.data);
  if (result < 0 && fd >= 0)
    (void)close(fd);
  return result < 0 ? result : fd;
}
