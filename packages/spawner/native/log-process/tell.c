#include "tell.h"

static struct tell *first, **end = &first;

void tell_later(struct tell *tell) {
  if (tell->queued)
    return;
  tell->queued = true;
  tell->next = NULL;
  *end = tell;
  end = &tell->next;
}

/* Unlinked before it speaks, for it may be gone afterwards. */
static struct tell *take(void) {
  struct tell *tell = first;
  first = tell->next;
  if (first == NULL)
    end = &first;
  tell->queued = false;
  return tell;
}

static void put_back(struct tell *tell) {
  tell->queued = true;
  tell->next = first;
  if (first == NULL)
    end = &tell->next;
  first = tell;
}

bool tell_now(void) {
  while (first != NULL) {
    struct tell *tell = take();
    if (!tell->say(tell)) {
      put_back(tell);
      return false;
    }
  }
  return true;
}
