/* `write-lines COUNT one|many`: lines of 100 bytes, by a system call each or 64 KiB at a time. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 100, BLOCK = 65500 };

static void write_all(const char *data, size_t length) {
  while (length > 0) {
    ssize_t written = write(1, data, length);
    if (written < 0)
      exit(1);
    data += written;
    length -= (size_t)written;
  }
}

int main(int argc, char **argv) {
  static char block[BLOCK];
  if (argc != 3)
    return 2;
  memset(block, 'x', sizeof block);
  for (size_t at = LINE - 1; at < BLOCK; at += LINE)
    block[at] = '\n';
  size_t left = (size_t)atol(argv[1]) * LINE, part = strcmp(argv[2], "one") == 0 ? LINE : BLOCK;
  for (; left > part; left -= part)
    write_all(block, part);
  write_all(block, left);
  return 0;
}
