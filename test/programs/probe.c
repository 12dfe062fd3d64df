/*
 * Makes system calls, and prints a line for each: its result, the name of its error, or what else
 * became of it.
 *
 *   probe [HOW:]NUMBER[,ARGUMENT]...
 *
 * HOW is one of
 *   i386    by the 32-bit entry of an x86-64 kernel
 *   thread  in a second thread: "gone" when that did not live to see a result
 *   traced  in a child whose tracer takes SECCOMP_RET_TRACE: what data that had, and the child's status
 *   alarm   while a timer is about to interrupt it
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

struct call {
  long number, arguments[6], result;
  bool done;
};

static volatile sig_atomic_t trapped, trap_data;

static void on_trap(int signal, siginfo_t *information, void *context) {
  (void)signal, (void)context;
  trapped = information->si_syscall;
  trap_data = information->si_errno;
}

static void on_alarm(int signal) { (void)signal; }

static long call_native(const long number, const long *a) {
  const long result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  return result == -1 ? -errno : result;
}

static long call_i386(const long number, const long *a) {
#ifdef __x86_64__
  int result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"((int)number), "b"((int)a[0]), "c"((int)a[1]), "d"((int)a[2])
                   : "memory", "r8", "r9", "r10", "r11");
  return result;
#else
  (void)number, (void)a;
  return -ENOSYS;
#endif
}

static void *in_thread(void *argument) {
  struct call *const call = argument;
  call->result = call_native(call->number, call->arguments);
  call->done = true;
  return NULL;
}

static void print(const struct call *call) {
  const char *const name = call->result < 0 ? strerrorname_np((int)-call->result) : NULL;
  if (!call->done) puts("gone");
  else if (trapped) printf("SIGSYS %d data %d\n", trapped, trap_data);
  else if (name) puts(name);
  else printf("%ld\n", call->result);
  trapped = 0;
}

/* In a child, so that this process, the tracer, is not held up itself. */
static void trace(const struct call *call) {
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    _exit(call_native(call->number, call->arguments) == -ENOSYS ? 38 : 0);
  }
  int status;
  waitpid(child, &status, 0);
  ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)PTRACE_O_TRACESECCOMP);
  ptrace(PTRACE_CONT, child, NULL, NULL);
  waitpid(child, &status, 0);
  unsigned long data = 0;
  if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
    ptrace(PTRACE_GETEVENTMSG, child, NULL, &data);
  ptrace(PTRACE_CONT, child, NULL, NULL);
  waitpid(child, &status, 0);
  printf("TRACE data %lu, then %d\n", data, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void make(const char *how, struct call *call) {
  call->done = true;
  if (strcmp(how, "traced") == 0) {
    trace(call);
    return;
  }
  if (strcmp(how, "i386") == 0) {
    call->result = call_i386(call->number, call->arguments);
  } else if (strcmp(how, "thread") == 0) {
    call->done = false;
    pthread_t thread;
    pthread_create(&thread, NULL, in_thread, call);
    pthread_join(thread, NULL);
  } else {
    const struct itimerval soon = {{0, 0}, {0, 300000}};
    if (strcmp(how, "alarm") == 0) setitimer(ITIMER_REAL, &soon, NULL);
    call->result = call_native(call->number, call->arguments);
  }
  print(call);
}

int main(int count, char **words) {
  const struct sigaction on_sigsys = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
  /* Without SA_RESTART: what it interrupts is to end. */
  const struct sigaction on_sigalrm = {.sa_handler = on_alarm};
  sigaction(SIGSYS, &on_sigsys, NULL);
  sigaction(SIGALRM, &on_sigalrm, NULL);
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int i = 1; i < count; i++) {
    struct call call = {0};
    char *const colon = strchr(words[i], ':');
    if (colon) *colon = 0;
    char *rest = colon ? colon + 1 : words[i];
    call.number = strtol(rest, &rest, 0);
    for (int a = 0; a < 6 && *rest == ','; a++) call.arguments[a] = (long)strtoul(rest + 1, &rest, 0);
    make(colon ? words[i] : "", &call);
  }
  return 0;
}
