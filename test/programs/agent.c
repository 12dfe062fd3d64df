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
#include <unistd.h>

#include "receive.h"

/* Prints the state, and returns the one descriptor that came in the same message. */
static int receive_state(int connection) {
  char state[65536];
  ssize_t length = sizeof state;
  const int listener = receive(connection, state, &length);
  printf("%.*s\n", (int)length, state);
  return listener;
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
  const int listener = receive_state(accept_one(arguments[1]));
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
