/* Writes a byte as soon as its main() runs, and waits to be killed. */
#include <unistd.h>

int main(void) {
  if (write(1, "m", 1) != 1)
    return 1;
  for (;;)
    pause();
}
