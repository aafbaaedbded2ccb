#include "stamp.h"

enum { DAY = 86400, ERA_DAYS = 146097, ERA_YEARS = 400 };

/* Decimal digits, with zeros in front. */
static char *digits(char *at, unsigned number, int count) {
  for (int i = count - 1; i >= 0; i--, number /= 10)
    at[i] = (char)('0' + number % 10);
  return at + count;
}

struct date {
  unsigned year, month, day;
};

/* Years that begin in March have their leap day last: then months and years follow from days by division. */
static struct date date_of(int64_t days_since_1970) {
  int64_t days = days_since_1970 + 719468; /* since March 1, year 0 */
  int64_t era = days / ERA_DAYS, day = days % ERA_DAYS;
  int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  int64_t of_year = day - (365 * year + year / 4 - year / 100);
  int64_t month = (5 * of_year + 2) / 153; /* 0: March */
  struct date date = {.day = (unsigned)(of_year - (153 * month + 2) / 5 + 1),
                      .month = (unsigned)(month < 10 ? month + 3 : month - 9)};
  date.year = (unsigned)(year + era * ERA_YEARS + (date.month <= 2));
  return date;
}

void stamp(char text[28], int64_t seconds, long nanoseconds) {
  if (seconds < 0)
    seconds = nanoseconds = 0;
  struct date date = date_of(seconds / DAY);
  unsigned rest = (unsigned)(seconds % DAY);
  const struct {
    unsigned number;
    int count;
    char after;
  } parts[] = {{date.year, 4, '-'},    {date.month, 2, '-'},     {date.day, 2, 'T'},
               {rest / 3600, 2, ':'},  {rest / 60 % 60, 2, ':'}, {rest % 60, 2, '.'},
               {(unsigned)(nanoseconds / 1000), 6, 'Z'}};
  for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
    text = digits(text, parts[i].number, parts[i].count);
    *text++ = parts[i].after;
  }
  *text = '\0';
}
