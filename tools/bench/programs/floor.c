/*
 * The floor: what `runc spec`'s default config asks of the kernel (without resources and terminal), no
 * more. No state, no parsing, no look-ups: everything was known when this was written.
 *
 *   floor ROOTFS PROGRAM SOURCES COUNT FILTER [CGROUP]...
 *
 * binds SOURCES/0, SOURCES/1, ... at /mnt too, every second one read-only; loads the seccomp filter in
 * FILTER, an array of struct sock_filter, unless that is empty; makes the cgroups, which are of version
 * 1, and removes them at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MUST(call) \
  do { \
    if ((call) == -1) fail(#call); \
  } while (0)

static _Noreturn void fail(const char *what) {
  perror(what);
  _exit(125);
}

static struct sock_filter instructions[BPF_MAXINSNS];
static struct sock_fprog filter = {0, instructions};

/* Before the rootfs is the only one. */
static void read_filter(const char *path) {
  if (!*path) return;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  MUST(fd);
  const ssize_t size = read(fd, instructions, sizeof instructions);
  MUST(size);
  filter.len = (unsigned short)((size_t)size / sizeof *instructions);
  close(fd);
}

static void load_filter(void) {
  if (filter.len)
    MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter));
}

/* A new cpuset is empty, and takes no process. */
static void copy_from_parent(const char *cgroup, const char *file) {
  char path[PATH_MAX], value[4096];
  snprintf(path, sizeof path, "%s/../%s", cgroup, file);
  const int from = open(path, O_RDONLY | O_CLOEXEC);
  MUST(from);
  const ssize_t size = read(from, value, sizeof value);
  snprintf(path, sizeof path, "%s/%s", cgroup, file);
  const int to = open(path, O_WRONLY | O_CLOEXEC);
  MUST(to);
  MUST(write(to, value, (size_t)size));
  close(from);
  close(to);
}

static void make_cgroups(char **cgroups) {
  for (; *cgroups; cgroups++) {
    MUST(mkdir(*cgroups, 0755));
    if (!strstr(*cgroups, "/cpuset/")) continue;
    copy_from_parent(*cgroups, "cpuset.cpus");
    copy_from_parent(*cgroups, "cpuset.mems");
  }
}

static void join_cgroups(char **cgroups) {
  for (; *cgroups; cgroups++) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/tasks", *cgroups);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    MUST(fd);
    MUST(write(fd, "0", 1));
    close(fd);
  }
}

static void remove_cgroups(char **cgroups) {
  for (; *cgroups; cgroups++) MUST(rmdir(*cgroups));
}

static void mount_all(void) {
  const unsigned long quiet = MS_NOSUID | MS_NOEXEC | MS_NODEV;
  MUST(mount("proc", "proc", "proc", 0, NULL));
  MUST(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"));
  MUST(mkdir("dev/pts", 0755));
  MUST(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
             "newinstance,ptmxmode=0666,mode=0620,gid=5"));
  MUST(mkdir("dev/shm", 0755));
  MUST(mount("shm", "dev/shm", "tmpfs", quiet, "mode=1777,size=65536k"));
  MUST(mkdir("dev/mqueue", 0755));
  MUST(mount("mqueue", "dev/mqueue", "mqueue", quiet, NULL));
  MUST(mount("sysfs", "sys", "sysfs", quiet | MS_RDONLY, NULL));
}

static void bind_all(const char *sources, int count) {
  for (int i = 0; i < count; i++) {
    char source[PATH_MAX], target[32];
    snprintf(source, sizeof source, "%s/%d", sources, i);
    snprintf(target, sizeof target, "mnt/%d", i);
    MUST(mount(source, target, NULL, MS_BIND | MS_REC, NULL));
    MUST(mount(NULL, target, NULL, MS_PRIVATE | MS_REC, NULL));
    if (i % 2 == 1) MUST(mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
  }
}

static void make_devices(void) {
  static const struct {
    const char *path;
    unsigned major, minor;
  } devices[] = {{"dev/null", 1, 3},   {"dev/zero", 1, 5},    {"dev/full", 1, 7},
                 {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};
  static const char *const links[][2] = {{"/proc/self/fd", "dev/fd"},
                                         {"/proc/self/fd/0", "dev/stdin"},
                                         {"/proc/self/fd/1", "dev/stdout"},
                                         {"/proc/self/fd/2", "dev/stderr"},
                                         {"pts/ptmx", "dev/ptmx"}};
  umask(0);
  for (size_t i = 0; i < COUNT(devices); i++)
    MUST(mknod(devices[i].path, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor)));
  umask(022);
  for (size_t i = 0; i < COUNT(links); i++) MUST(symlink(links[i][0], links[i][1]));
}

static void mask(const char *path) {
  if (mount("/dev/null", path, NULL, MS_BIND, NULL) == 0 || errno == ENOENT) return;
  if (errno != ENOTDIR) fail(path);
  MUST(mount("tmpfs", path, "tmpfs", MS_RDONLY, NULL));
}

static void make_readonly(const char *path) {
  if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) == -1) {
    if (errno != ENOENT) fail(path);
    return;
  }
  MUST(mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
}

static void restrict_paths(void) {
  static const char *const masked[] = {
      "/proc/acpi",       "/proc/asound",      "/proc/kcore",       "/proc/keys",    "/proc/latency_stats",
      "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"};
  static const char *const readonly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                         "/proc/sysrq-trigger"};
  for (size_t i = 0; i < COUNT(masked); i++) mask(masked[i]);
  for (size_t i = 0; i < COUNT(readonly); i++) make_readonly(readonly[i]);
  MUST(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
}

static void drop_privileges(void) {
  const unsigned kept[] = {CAP_AUDIT_WRITE, CAP_KILL, CAP_NET_BIND_SERVICE};
  unsigned long long mask = 0;
  for (size_t i = 0; i < COUNT(kept); i++) mask |= 1ull << kept[i];

  const struct rlimit files = {1024, 1024};
  MUST(setrlimit(RLIMIT_NOFILE, &files));
  for (unsigned capability = 0; capability <= CAP_LAST_CAP; capability++)
    if (!(mask >> capability & 1) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == -1 && errno != EINVAL)
      fail("PR_CAPBSET_DROP");
  MUST(syscall(SYS_setgroups, 0, NULL));
  MUST(syscall(SYS_setresgid, 0, 0, 0));
  MUST(syscall(SYS_setresuid, 0, 0, 0));
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const unsigned low = (unsigned)mask, high = (unsigned)(mask >> 32);
  const struct __user_cap_data_struct data[2] = {{low, low, 0}, {high, high, 0}};
  MUST(syscall(SYS_capset, &header, data));
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static void bring_up_loopback(void) {
  struct ifreq interface = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  MUST(fd);
  MUST(ioctl(fd, SIOCSIFFLAGS, &interface));
  MUST(close(fd));
}

static _Noreturn void become_container(char **arguments) {
  const char *const rootfs = arguments[1];
  char *const program = arguments[2];
  join_cgroups(arguments + 6);
  MUST(setsid());
  bring_up_loopback();
  MUST(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "floor"));
  MUST(mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL));
  MUST(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL));
  MUST(chdir(rootfs));
  mount_all();
  bind_all(arguments[3], atoi(arguments[4]));
  make_devices();
  MUST(syscall(SYS_pivot_root, ".", "."));
  MUST(umount2(".", MNT_DETACH));
  MUST(chdir("/"));
  restrict_paths();
  MUST(sethostname("runc", 4));
  drop_privileges();
  load_filter();
  MUST(syscall(SYS_close_range, 3, ~0u, 0));
  char *const argv[] = {program, NULL};
  char *const environment[] = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm", NULL};
  execve(program, argv, environment);
  fail(program);
}

int main(int count, char **arguments) {
  if (count < 6) return 2;
  read_filter(arguments[5]);
  make_cgroups(arguments + 6);
  const long namespaces = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS;
  const pid_t child = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, 0, 0, 0, 0);
  if (child == -1) fail("clone");
  if (child == 0) become_container(arguments);
  int status;
  MUST(waitpid(child, &status, 0));
  remove_cgroups(arguments + 6);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
