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
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MUST(call) \
  do { \
    if ((call) == -1) { \
      perror(#call); \
      exit(1); \
    } \
  } while (0)

static int accept_one(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  const int listening = socket(AF_UNIX, SOCK_STREAM, 0);
  MUST(bind(listening, (const struct sockaddr *)&address, sizeof address));
  MUST(listen(listening, 1));
  puts("ready");
  const int connection = accept(listening, NULL, NULL);
  MUST(connection);
  return connection;
}

static int receive(int connection) {
  char name[4096], control[CMSG_SPACE(sizeof(int))];
  struct iovec part = {name, sizeof name};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  MUST(recvmsg(connection, &message, MSG_CMSG_CLOEXEC));
  const struct cmsghdr *const header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int))) {
    fputs("there was not one descriptor\n", stderr);
    exit(1);
  }
  /* Nobody else has the connection: it ends. */
  if (read(connection, name, 1) != 0) fputs("the connection goes on\n", stderr);
  int descriptor;
  memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  return descriptor;
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  const int master = receive(accept_one(arguments[1]));
  struct winsize size;
  MUST(ioctl(master, TIOCGWINSZ, &size));
  printf("window %d %d\n", size.ws_row, size.ws_col);
  fflush(stdout);
  if (count > 2) MUST(write(master, arguments[2], strlen(arguments[2])));
  char bytes[4096];
  for (ssize_t length; (length = read(master, bytes, sizeof bytes)) > 0;)
    MUST(write(1, bytes, (size_t)length));
}
