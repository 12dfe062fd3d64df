/*
 * Whoever has a container's terminal, as an engine does.
 *
 *   console SOCKET [INPUT]
 *
 * listens on SOCKET and prints "ready"; takes one descriptor, types INPUT into it, and prints
 * "window ROWS COLUMNS" and then what comes out of it, until nobody has the other end any more.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "receive.h"

static int receive_terminal(int connection) {
  char name[4096];
  ssize_t length = sizeof name;
  const int master = receive(connection, name, &length);
  /* Nobody else has the connection: it ends. */
  if (read(connection, name, 1) != 0) fputs("the connection goes on\n", stderr);
  return master;
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  const int master = receive_terminal(accept_one(arguments[1]));
  struct winsize size;
  MUST(ioctl(master, TIOCGWINSZ, &size));
  printf("window %d %d\n", size.ws_row, size.ws_col);
  fflush(stdout);
  if (count > 2) MUST(write(master, arguments[2], strlen(arguments[2])));
  char bytes[4096];
  for (ssize_t length; (length = read(master, bytes, sizeof bytes)) > 0;)
    MUST(write(1, bytes, (size_t)length));
}
