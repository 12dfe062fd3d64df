import { S_IFREG } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { defaultConfig, requireRunnable } from '@oci/spec';
import { expect, it } from 'vitest';
import { checkProcess, processStages } from '../src/index.ts';
import { contextWith, files } from './config.ts';

/** CAP_KILL, CAP_NET_BIND_SERVICE and CAP_AUDIT_WRITE stay. */
const kept = [5, 10, 29];

it('makes these calls for what runc spec writes', () => {
  const config = requireRunnable(defaultConfig());
  const stages = processStages(config, contextWith({ newKeyring: true }));
  expect(stages.host).toEqual([]);

  const kernel = new FakeKernel();
  files(kernel, { '/bin/sh': S_IFREG | 0o755 });
  kernel.fail('openat2', 'ENOENT', { when: /passwd/ });
  for (const stage of [...stages.container, stages.exec]) stage.run(kernel);

  const isDrop = (line: string) => line.startsWith('prctl(PR_CAPBSET_DROP');
  const drops = kernel.lines.filter(isDrop);
  expect(drops).toHaveLength(41 - kept.length);
  for (const name of ['CAP_KILL', 'CAP_NET_BIND_SERVICE', 'CAP_AUDIT_WRITE']) {
    expect(drops).not.toContain(`prctl(PR_CAPBSET_DROP, ${name})`);
  }
  const mask = `0x${kept.reduce((bits, bit) => bits | (1 << bit), 0).toString(16)}`;
  expect(kernel.lines.filter((line) => !isDrop(line))).toEqual([
    'keyctl(1, "_ses.c1")',
    'keyctl(5, 0, 1058734080)',
    'prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=1024}, NULL)',
    'prctl(PR_SET_NO_NEW_PRIVS, 1)',
    'openat2(AT_FDCWD, "/etc/passwd", {flags=O_NOCTTY|O_NONBLOCK|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS}, 24)',
    'chdir("/")',
    'setgroups(0, NULL)',
    'setresgid(0, 0, 0)',
    'setresuid(0, 0, 0)',
    `capset({version=LINUX_CAPABILITY_VERSION_3}, {effective=${mask}, permitted=${mask}})`,
    'faccessat2(AT_FDCWD, "/usr/local/sbin/sh", X_OK, AT_EACCESS)',
    'faccessat2(AT_FDCWD, "/usr/local/bin/sh", X_OK, AT_EACCESS)',
    'faccessat2(AT_FDCWD, "/usr/sbin/sh", X_OK, AT_EACCESS)',
    'faccessat2(AT_FDCWD, "/usr/bin/sh", X_OK, AT_EACCESS)',
    'faccessat2(AT_FDCWD, "/sbin/sh", X_OK, AT_EACCESS)',
    'faccessat2(AT_FDCWD, "/bin/sh", X_OK, AT_EACCESS)',
    'openat2(AT_FDCWD, "/bin/sh", {flags=O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS}, 24)',
    'statx(100, "", AT_EMPTY_PATH, STATX_TYPE, executable)',
    'rt_sigaction(SIGPIPE, {}, NULL, 8)',
    'rt_sigaction(SIGXFSZ, {}, NULL, 8)',
    'rt_sigprocmask(SIG_SETMASK, {}, NULL, 8)',
    'fcntl(0, F_SETFD, 0)',
    'fcntl(1, F_SETFD, 0)',
    'fcntl(2, F_SETFD, 0)',
    'close_range(3, 0xffffffff, 0)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: how a fake kernel writes memory in a text
    'execve("/bin/sh", ["sh"], ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm", "${HOME}"])',
  ]);
});

it('only warns that ambient capabilities cannot be had without inheritable ones', () => {
  const config = requireRunnable(defaultConfig());
  const { capabilities = {} } = config.process;
  const asked = { ...capabilities, ambient: capabilities.permitted };
  const process = { ...config.process, capabilities: asked };
  const findings = checkProcess({ ...config, process }, contextWith());
  expect(findings).toEqual({
    issues: [],
    warnings: [
      {
        path: 'process.capabilities.ambient',
        message:
          'CAP_KILL, CAP_NET_BIND_SERVICE, CAP_AUDIT_WRITE cannot be granted: not both permitted and inheritable',
      },
    ],
  });
});
