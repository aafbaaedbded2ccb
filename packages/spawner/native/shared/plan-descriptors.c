/* The descriptors of a plan, wherever in it they are. */
#include "plan-wire.h"

#include <stdlib.h>
#include <unistd.h>

/* The places of a plan's descriptors; at most `room` are stored, all are counted. */
static uint32_t list_descriptors(struct plan *plan, int **places, uint32_t room) {
  uint32_t total = 0;
#define PLACE(fd)                  \
  do {                             \
    if (total < room)              \
      places[total] = &(fd);       \
    total++;                       \
  } while (0);
#define TEXTS(name)
#define TEXT(name)
#define VALUE(type, name)
#define LIST(type, name, count)
#define FD(name) PLACE(plan->name)
#define STDIO(name) PLACE(plan->name[0]) PLACE(plan->name[1]) PLACE(plan->name[2])
#define PASSED(name) PLACE(plan->name.source)
#define PASSED_LIST(name, count)                \
  for (uint32_t i = 0; i < plan->count; i++)    \
    PLACE(plan->name[i].source)
#define MARK(name, list)
#include "plan-fields.def"
#include "plan-fields-end.h"
#undef PLACE
  return total;
}

/* NULL without memory. */
static int **new_places(struct plan *plan, uint32_t *count) {
  *count = list_descriptors(plan, NULL, 0);
  int **places = calloc(*count, sizeof *places);
  if (places != NULL)
    (void)list_descriptors(plan, places, *count);
  return places;
}

/* One descriptor may be in several places. */
static int number_of(int fd, struct passed *passed, uint32_t *count) {
  for (uint32_t i = 0; i < *count; i++)
    if (passed[i].source == fd)
      return passed[i].target;
  passed[*count] = (struct passed){fd, HELPER_FIRST_FD + (int)*count};
  return passed[(*count)++].target;
}

bool plan_number_descriptors(struct plan *plan, struct passed **passed, uint32_t *count) {
  uint32_t places_count;
  int **places = new_places(plan, &places_count);
  *passed = places == NULL ? NULL : calloc(places_count, sizeof **passed);
  *count = 0;
  for (uint32_t i = 0; *passed != NULL && i < places_count; i++)
    if (*places[i] >= 0)
      *places[i] = number_of(*places[i], *passed, count);
  free(places);
  return *passed != NULL;
}

void plan_close_descriptors(struct plan *plan) {
  uint32_t count;
  int **places = new_places(plan, &count);
  for (uint32_t i = 0; places != NULL && i < count; i++)
    if (*places[i] >= 0)
      (void)close(*places[i]); /* EBADF where one descriptor is in several places */
  free(places);
}
