/* Programs that listen on a socket, and are sent one descriptor beside some bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Returns the descriptor, and in `length` how many bytes came with it in `data`. */
static int receive(int connection, char *data, ssize_t *length) {
  char control[CMSG_SPACE(8 * sizeof(int))];
  struct iovec part = {data, (size_t)*length};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  *length = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  MUST(*length);
  const struct cmsghdr *const header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int))) {
    fputs("there was not one descriptor\n", stderr);
    exit(1);
  }
  int descriptor;
  memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  return descriptor;
}
