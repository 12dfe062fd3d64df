/*
 * A seccomp agent, as config-linux.md describes it, for one container.
 *
 *   agent SOCKET ANSWER [DELAY]
 *
 * listens on SOCKET and prints "ready", then a line with the container process state that it is sent
 * beside one descriptor, then "call NUMBER" for each notification. Answers after DELAY milliseconds
 * with ANSWER: `continue`, `value=N`, `errno=N`; `leave` goes away instead. Ends when no process is
 * left under the filter.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
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

/* Prints the state, and returns the one descriptor that came in the same message. */
static int receive(int connection) {
  char state[65536], control[CMSG_SPACE(8 * sizeof(int))];
  struct iovec part = {state, sizeof state};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  const ssize_t length = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  MUST(length);
  printf("%.*s\n", (int)length, state);
  const struct cmsghdr *const header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int))) {
    fputs("there was not one descriptor\n", stderr);
    exit(1);
  }
  int descriptor;
  memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  return descriptor;
}

static void answer(int listener, const struct seccomp_notif *call, const char *how) {
  struct seccomp_notif_resp response = {.id = call->id};
  if (strcmp(how, "continue") == 0) response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  else if (strncmp(how, "value=", 6) == 0) response.val = atoll(how + 6);
  else if (strncmp(how, "errno=", 6) == 0) response.error = -atoi(how + 6);
  /* A call that was interrupted has none who waits (ENOENT). */
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) == -1 && errno != ENOENT) perror("send");
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  const int listener = receive(accept_one(arguments[1]));
  if (strcmp(arguments[2], "leave") == 0) return 0;
  for (;;) {
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    MUST(poll(&ready, 1, -1));
    if (!(ready.revents & POLLIN)) return 0;
    struct seccomp_notif call = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) == -1) continue;
    printf("call %d\n", call.data.nr);
    if (count > 3) usleep(1000u * (unsigned)atoi(arguments[3]));
    answer(listener, &call, arguments[2]);
  }
}
