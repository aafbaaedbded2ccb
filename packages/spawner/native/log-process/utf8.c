#include "utf8.h"

#include <stdbool.h>

/* The table of well-formed byte sequences of the Unicode Standard: what the first two bytes allow. */
static const struct {
  unsigned char first, last, second_first, second_last, length;
} rows[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static size_t row_of(unsigned char byte) {
  size_t row = 0;
  while (row < sizeof rows / sizeof *rows && (byte < rows[row].first || byte > rows[row].last))
    row++;
  return row;
}

/* How many bytes are as they should be, of a character that should have `*wanted`; 0 when none begins here. */
static size_t matching(const unsigned char *text, size_t length, size_t *wanted) {
  size_t row = row_of(text[0]);
  if (row == sizeof rows / sizeof *rows)
    return 0;
  *wanted = rows[row].length;
  if (*wanted == 1 || length == 1)
    return 1;
  if (text[1] < rows[row].second_first || text[1] > rows[row].second_last)
    return 1;
  size_t count = 2;
  while (count < *wanted && count < length && (text[count] & 0xc0) == 0x80)
    count++;
  return count;
}

size_t utf8_length(const unsigned char *text, size_t length) {
  size_t wanted = 0, count = matching(text, length, &wanted);
  return count > 0 && count == wanted ? count : 0;
}

size_t utf8_unfinished(const unsigned char *text, size_t length) {
  for (size_t back = 1; back <= 3 && back <= length; back++) {
    size_t wanted = 0, count = matching(text + length - back, back, &wanted);
    if (count == back && wanted > back)
      return back;
  }
  return 0;
}
