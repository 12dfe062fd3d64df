import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tested } from './fields.ts';
import { TestBundle } from './support/bundle.ts';
import { expandBraces } from './support/expand-braces.ts';
import { OCIRUN, run } from './support/ocirun.ts';
import { calls, steps, without } from './support/plan.ts';

type Tree = { readonly [key: string]: unknown };

/** What has to be in a config that is run. */
const minimal = {
  ociVersion: '1.3.0',
  root: { path: 'rootfs' },
  process: { cwd: '/', args: ['/x'] },
  linux: { namespaces: [{ type: 'mount' }] },
};

let bundle: TestBundle;
let minimalPlan: string;

beforeAll(async () => {
  bundle = new TestBundle();
  minimalPlan = await planOf({});
});

afterAll(() => bundle.remove());

/**
 * The plan of the minimal config with these fields in it, or instead of its own. The host seems to
 * have no cgroups: otherwise each container gets one, as with other runtimes, also unnamed.
 */
async function planOf(fields: Tree): Promise<string> {
  bundle.write(JSON.stringify(merged(minimal, fields)));
  const script = `
    if mountpoint -q /sys/fs/cgroup; then umount -R /sys/fs/cgroup; fi && exec ${OCIRUN} plan "$0"`;
  const outcome = await run('unshare', ['--mount', 'sh', '-c', script, bundle.path]);
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  return outcome.stdout.replaceAll(bundle.path, '/bundle');
}

function merged(config: Tree, fields: Tree): Tree {
  const both = Object.entries(fields).map(([key, value]) => {
    const before = config[key];
    return [key, isTree(before) && isTree(value) ? merged(before, value) : value];
  });
  return { ...config, ...Object.fromEntries(both) };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const namespaces = (...types: string[]) => ({
  namespaces: ['mount', ...types].map((type) => ({ type })),
});
const mapping = { containerID: 0, hostID: 1000, size: 1 };
const all = ['CAP_KILL', 'CAP_CHOWN', 'CAP_FOWNER'];

/** Fields, a config with them, the step that there is for them, and calls that it saves. */
const adding: readonly (readonly [
  fields: string,
  config: Tree,
  step: string,
  saves?: readonly string[],
])[] = [
  [
    'root.readonly',
    { root: { readonly: true } },
    'root.readonly: make the rootfs read-only: mount_setattr',
  ],
  ['hostname', { hostname: 'box', linux: namespaces('uts') }, 'hostname: set to box: sethostname'],
  [
    'domainname',
    { domainname: 'box', linux: namespaces('uts') },
    'domainname: set to box: setdomainname',
  ],
  [
    'mounts[].{destination,type,source,options}',
    { mounts: [{ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['ro'] }] },
    'mounts[0]: mount tmpfs at /tmp: make it read-only: mount_setattr',
  ],
  [
    'mounts[].{uidMappings,gidMappings}[].{containerID,hostID,size}',
    {
      mounts: [
        {
          destination: '/tmp',
          source: '/tmp',
          options: ['bind', 'idmap'],
          uidMappings: [mapping],
          gidMappings: [mapping],
        },
      ],
    },
    'write uid_map: openat2 write close',
  ],
  [
    'process.user.{uid,gid}',
    { process: { user: { uid: 1, gid: 2 } } },
    'process.user: become 1:2: setgroups setresgid setresuid',
  ],
  [
    'process.terminal',
    { process: { terminal: true } },
    'process.terminal: make it stdio: ioctl dup3… close',
    ['rt_sigtimedwait'],
  ],
  ['process.user.umask', { process: { user: { uid: 0, gid: 0, umask: 7 } } }, 'umask'],
  [
    'process.cwd',
    { process: { cwd: '/tmp' } },
    'process.cwd: change to /tmp: openat2 fchdir',
    ['chdir'],
  ],
  [
    'process.capabilities.{bounding,inheritable,ambient}',
    {
      process: {
        capabilities: { bounding: all, permitted: all, inheritable: all, ambient: ['CAP_KILL'] },
      },
    },
    'process.capabilities: set: capset prctl…',
    // Each that is dropped.
    ['prctl'],
  ],
  [
    'process.oomScoreAdj',
    { process: { oomScoreAdj: 7 } },
    'process.oomScoreAdj: set to 7: openat2 fstatfs openat2 write close…',
  ],
  [
    'process.noNewPrivileges',
    { process: { noNewPrivileges: true } },
    'process.noNewPrivileges: prctl',
  ],
  [
    'process.ioPriority.{class,priority}',
    { process: { ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 3 } } },
    'process.ioPriority: set to IOPRIO_CLASS_BE 3: ioprio_set',
  ],
  [
    'process.scheduler.{policy,nice,priority,flags,runtime,deadline,period}',
    { process: { scheduler: { policy: 'SCHED_BATCH' } } },
    'process.scheduler: set to SCHED_BATCH: sched_setattr',
  ],
  [
    'process.rlimits[].{type,soft,hard}',
    { process: { rlimits: [{ type: 'RLIMIT_CORE', soft: 1, hard: 2 }] } },
    'process.rlimits[0]: set RLIMIT_CORE to 1, at most 2: prlimit64',
  ],
  [
    'linux.devices[].{path,type,major,minor,fileMode,uid,gid}',
    { linux: { devices: [{ path: '/dev/x', type: 'p', uid: 1, gid: 1 }] } },
    'linux.devices[0]: make /dev/x: mknodat fchownat statx',
  ],
  [
    'linux.rootfsPropagation',
    { linux: { rootfsPropagation: 'rslave' } },
    'linux.rootfsPropagation: set the propagation of the new root: mount_setattr',
  ],
  [
    'linux.maskedPaths',
    { linux: { maskedPaths: ['/tmp'] } },
    'linux.maskedPaths[0]: mask /tmp: openat2 open_tree move_mount close…',
  ],
  [
    'linux.readonlyPaths',
    { linux: { readonlyPaths: ['/tmp'] } },
    'linux.readonlyPaths[0]: make /tmp read-only: openat2 open_tree mount_setattr move_mount close…',
  ],
  [
    'linux.sysctl',
    { linux: { ...namespaces('ipc'), sysctl: { 'kernel.msgmax': '1' } } },
    'linux.sysctl["kernel.msgmax"]: set to 1: openat2 write close',
  ],
  [
    'linux.seccomp.{defaultAction,defaultErrnoRet,architectures,flags}',
    {
      linux: {
        seccomp: {
          defaultAction: 'SCMP_ACT_ERRNO',
          defaultErrnoRet: 2,
          architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
          flags: [],
        },
      },
    },
    'linux.seccomp: load the filter: seccomp',
  ],
  [
    'linux.seccomp.syscalls[].{names,action,errnoRet}',
    {
      linux: {
        seccomp: {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [{ names: ['sync'], action: 'SCMP_ACT_ERRNO', errnoRet: 2 }],
        },
      },
    },
    'linux.seccomp: load the filter: seccomp',
  ],
  [
    'linux.seccomp.syscalls[].args[].{index,value,valueTwo,op}',
    {
      linux: {
        seccomp: {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [
            {
              names: ['close'],
              action: 'SCMP_ACT_ERRNO',
              args: [{ index: 0, value: 1, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
            },
          ],
        },
      },
    },
    'linux.seccomp: load the filter: seccomp',
  ],
  [
    'linux.seccomp.{listenerPath,listenerMetadata}',
    {
      linux: {
        seccomp: {
          defaultAction: 'SCMP_ACT_ALLOW',
          listenerPath: '/run/agent',
          listenerMetadata: 'some',
          syscalls: [{ names: ['sync'], action: 'SCMP_ACT_NOTIFY' }],
        },
      },
    },
    'send it to /run/agent: socket connect memfd_create write lseek read close sendmsg close',
  ],
  [
    'linux.memoryPolicy.{mode,nodes,flags}',
    { linux: { memoryPolicy: { mode: 'MPOL_BIND', nodes: '0' } } },
    'linux.memoryPolicy: set to MPOL_BIND: set_mempolicy',
  ],
  [
    'linux.personality.{domain,flags}',
    { linux: { personality: { domain: 'LINUX32' } } },
    'linux.personality: set to LINUX32: personality',
  ],
  [
    'linux.{uidMappings,gidMappings}[].{containerID,hostID,size}',
    { linux: { ...namespaces('user'), uidMappings: [mapping], gidMappings: [mapping] } },
    'linux.uidMappings: write uid_map: openat2 write close',
    // Devices are bound without having been tried to be made.
    ['mknodat', 'statx'],
  ],
  [
    'linux.namespaces[].type',
    { linux: namespaces('network') },
    'linux.namespaces: bring up lo: socket ioctl close',
  ],
  [
    'linux.namespaces[].type',
    { linux: namespaces('cgroup') },
    'linux.namespaces: make the cgroup namespace: unshare',
  ],
  [
    'linux.netDevices.*.name',
    { linux: { ...namespaces('network'), netDevices: { eth0: { name: 'eth1' } } } },
    'linux.netDevices["eth0"]: ',
  ],
  [
    'linux.timeOffsets.{boottime,monotonic}.{secs,nanosecs}',
    { linux: { ...namespaces('time'), timeOffsets: { boottime: { secs: 1 } } } },
    'linux.timeOffsets.boottime: openat2 write close',
  ],
  [
    'linux.namespaces[].path',
    { linux: { namespaces: [{ type: 'mount' }, { type: 'ipc', path: '/proc/self/ns/ipc' }] } },
    'linux.namespaces[1].path: open /proc/self/ns/ipc: openat',
  ],
];

/** What only changes arguments of calls that are made anyway. */
const changing: readonly (readonly [fields: string, config: Tree])[] = [
  ['annotations', { annotations: { a: 'b' } }],
  ['root.path', { root: { path: '/' } }],
  ['process.args', { process: { args: ['/y', 'z'] } }],
  ['process.env', { process: { env: ['A=1', 'B=2'] } }],
  ['process.user.additionalGids', { process: { user: { uid: 0, gid: 0, additionalGids: [5] } } }],
  [
    'process.capabilities.{permitted,effective}',
    { process: { capabilities: { permitted: ['CAP_KILL'], effective: ['CAP_KILL'] } } },
  ],
  ...['pid', 'ipc', 'uts', 'time'].map(
    (type) => ['linux.namespaces[].type', { linux: namespaces(type) }] as const,
  ),
];

/** What nothing is done for. */
const ignored: readonly (readonly [fields: string, config: Tree])[] = [
  ['ociVersion', { ociVersion: '1.0.0' }],
  ['process.consoleSize.{height,width}', { process: { consoleSize: { height: 25, width: 80 } } }],
  ['process.execCPUAffinity.{initial,final}', { process: { execCPUAffinity: { initial: '0' } } }],
];

/** Fields that are named and ask for nothing. */
const empty: readonly Tree[] = [
  { annotations: {} },
  { hooks: {} },
  { hostname: '' },
  { domainname: '' },
  { mounts: [] },
  { root: { readonly: false } },
  { process: { terminal: false } },
  { process: { env: [] } },
  { process: { user: { uid: 0, gid: 0, additionalGids: [] } } },
  { process: { capabilities: {} } },
  { process: { capabilities: { bounding: [], effective: [], permitted: [], ambient: [] } } },
  { process: { rlimits: [] } },
  { process: { noNewPrivileges: false } },
  { process: { apparmorProfile: '' } },
  { process: { selinuxLabel: '' } },
  { linux: { uidMappings: [], gidMappings: [] } },
  { linux: { devices: [] } },
  { linux: { netDevices: {} } },
  { linux: { sysctl: {} } },
  { linux: { resources: {} } },
  { linux: { cgroupsPath: '' } },
  { linux: { maskedPaths: [], readonlyPaths: [] } },
  { linux: { mountLabel: '' } },
  { linux: { timeOffsets: {} } },
  { windows: {}, 'org.example.unknown': 1 },
];

describe('the plan of a config with nothing that could be left out', () => {
  it('is what every start needs', () => {
    expect(steps(minimalPlan)).toMatchInlineSnapshot(`
      [
        "host lane",
        "fcntl openat fcntl openat fcntl openat close_range",
        "prepare to supervise: rt_sigprocmask rt_sigaction prctl…",
        "make the state directory: mkdirat…",
        "unlinkat",
        "lock the state directory: openat flock",
        "make the channel between the lanes: socketpair",
        "make the container process: clone3 pidfd_send_signal waitid",
        "close signalfd4",
        "write the state: openat unlinkat…",
        "read the start time of the container process: openat read close",
        "write the state: write close renameat2",
        "write the pid file: openat unlinkat write close",
        "write ppoll read ppoll read",
        "start the container: ppoll read ppoll read",
        "rt_sigtimedwait flock",
        "supervise the container: rt_sigtimedwait wait4 pidfd_send_signal",
        "flock statx close",
        "remove the state: unlinkat…",
        "exit_group",
        "container lane",
        "close… prctl setsid umask",
        "linux.rootfsPropagation: set the propagation of /: mount_setattr",
        "root.path: /bundle/rootfs: openat open_tree move_mount close",
        "open /dev: openat2… mkdirat openat2 readlinkat close…",
        "make /dev/null: mknodat statx open_tree statx mknodat move_mount close",
        "make /dev/zero: mknodat statx open_tree statx mknodat move_mount close",
        "make /dev/full: mknodat statx open_tree statx mknodat move_mount close",
        "make /dev/random: mknodat statx open_tree statx mknodat move_mount close",
        "make /dev/urandom: mknodat statx open_tree statx mknodat move_mount close",
        "make /dev/tty: mknodat statx open_tree statx mknodat move_mount close",
        "link /dev/ptmx: symlinkat unlinkat symlinkat",
        "link /dev/fd: symlinkat",
        "link /dev/stdin: symlinkat",
        "link /dev/stdout: symlinkat",
        "link /dev/stderr: symlinkat",
        "link /dev/core: faccessat2 symlinkat",
        "close",
        "pivot to the rootfs: fchdir pivot_root",
        "unmount the old root: umount2",
        "umask",
        "join a new session keyring: keyctl…",
        "process.env: find HOME: openat2 statx read close",
        "process.cwd: change to /: chdir",
        "process.capabilities.bounding: drop: prctl…",
        "process.user: become 0:0: setgroups setresgid setresuid",
        "process.capabilities: set: capset",
        "openat2 statx faccessat2",
        "reset signals: rt_sigaction… rt_sigprocmask",
        "fcntl…",
        "close the descriptors of the runtime: close_range…",
        "write read… exit_group",
        "exec: "/x": execve",
      ]
    `);
  });
});

describe('the plan has a step for', () => {
  for (const [fields, config, step, saves = []] of adding)
    it(fields, async () => {
      const plan = await planOf(config);
      expect(without(steps(plan), steps(minimalPlan))).toContainEqual(
        expect.stringContaining(step),
      );
      expect(new Set(without(calls(minimalPlan), calls(plan)))).toEqual(new Set(saves));
    });
});

describe('the plan has the same calls with', () => {
  it.each(changing)('%s', async (_fields, config) => {
    const plan = await planOf(config);
    expect(plan).not.toBe(minimalPlan);
    expect(calls(plan)).toEqual(calls(minimalPlan));
  });
});

describe('the plan is the same with', () => {
  it.each(ignored)('%s', async (_fields, config) => {
    expect(await planOf(config)).toBe(minimalPlan);
  });

  it.each(empty)('%j', async (config) => {
    expect(await planOf(config)).toBe(minimalPlan);
  });
});

describe('these tests', () => {
  // Those of cgroups and of AppArmor cannot be compiled for a host without these.
  it('have every field that a container is tested with', () => {
    const here = [...adding, ...changing, ...ignored].flatMap(([fields]) => expandBraces(fields));
    const there = Object.keys(tested).flatMap((key) => expandBraces(key));
    const elsewhere = /^linux\.(resources|cgroupsPath)|^process\.apparmorProfile/;
    expect(without(there, here).filter((field) => !elsewhere.test(field))).toEqual([]);
  });
});
