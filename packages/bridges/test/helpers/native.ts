import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Compile a program of C. @returns its path in the folder */
export const compileC = (folder: string, name: string, text: string): string => {
  const [source, program] = [join(folder, `${name}.c`), join(folder, name)];
  writeFileSync(source, text);
  const { status, stderr } = spawnSync('cc', ['-O1', '-o', program, source], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cc: ${stderr}`);
  return program;
};

/** Answers each connection to descriptor 3 by one byte, and is killed after as many as its argument says; 0: goes on. */
export const C_SERVER = `
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int most = argc > 1 ? atoi(argv[1]) : 1;
  for (int served = 0; most == 0 || served < most; served++) {
    int connection = accept(3, NULL, NULL);
    if (connection < 0 || write(connection, "x", 1) != 1) return 1;
    close(connection);
  }
  return argc > 1 ? raise(SIGKILL) : 0;
}`;

/** Connects to the abstract unix socket of exactly its argument, and prints what comes. */
export const C_CLIENT = `
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path + 1, argv[argc - 1], strlen(argv[argc - 1]));
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argv[argc - 1]);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  char text[100];
  if (connect(fd, (struct sockaddr *)&address, length) < 0) { perror("connect"); return 1; }
  ssize_t count = read(fd, text, sizeof text);
  printf("%.*s", (int)count, text);
  return 0;
}`;
