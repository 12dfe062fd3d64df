import { defaultConfig } from '../src/index.ts';
import { table } from './table.ts';

const user = { namespaces: [...(defaultConfig().linux?.namespaces ?? []), { type: 'user' }] };
const mapping = { containerID: 0, hostID: 1000, size: 10 };
const mapped = { ...user, uidMappings: [mapping], gidMappings: [mapping] };
const bare = { namespaces: [], maskedPaths: [], readonlyPaths: [] };
const scheduler = (rest: object) => ({ process: { scheduler: rest } });

table('version, root, names', [
  ['no SemVer', { ociVersion: '1.3' }, ['ociVersion: must be a SemVer 2.0.0 version, not "1.3"']],
  ['a pre-release', { ociVersion: '1.0.2-dev+a.b' }, []],
  ['an empty root', { root: { path: '' } }, ['root.path: must not be empty']],
  [
    'names without a uts namespace',
    { hostname: 'a', domainname: 'b', linux: bare },
    ['hostname: needs a uts namespace', 'domainname: needs a uts namespace'],
  ],
  ['a long hostname', { hostname: 'é'.repeat(33) }, ['hostname: must not be longer than 64 bytes']],
  ['a hostname of 64 bytes', { hostname: 'é'.repeat(32) }, []],
  [
    'NUL anywhere but in annotations',
    {
      hostname: 'a\0',
      annotations: { a: '\0' },
      process: { args: ['a', '\0'], env: ['A=\0'], cwd: '/\0' },
      mounts: [{ destination: '/a', options: ['a', '\0'] }],
      linux: { sysctl: { 'net.a\0': '1' } },
    },
    [
      'process.args[1]: must not contain NUL',
      'process.env[0]: must not contain NUL',
      'process.cwd: must not contain NUL',
      'hostname: must not contain NUL',
      'mounts[0].options[1]: must not contain NUL',
      'linux.sysctl["net.a\\u0000"]: must not contain NUL',
    ],
  ],
]);

table('process', [
  ['no args', { process: { args: [] } }, ['process.args: must have at least one entry']],
  ['absent args', { process: { args: undefined } }, ['process.args: is required']],
  ['a relative cwd', { process: { cwd: 'a' } }, ['process.cwd: must be an absolute path']],
  [
    'entries of env that are none',
    { process: { env: ['A=', 'B', '=C'] } },
    [
      "process.env[1]: must be NAME=VALUE, but has no '='",
      'process.env[2]: must be NAME=VALUE, but its name is empty',
    ],
  ],
  [
    'rlimits',
    {
      process: {
        rlimits: [
          { type: 'RLIMIT_CPU', soft: 1, hard: 1 },
          { type: 'RLIMIT_CPU', soft: 1, hard: 1 },
          { type: 'RLIMIT_X', soft: 18446744073709551615n, hard: 5 },
        ],
      },
    },
    [
      'process.rlimits[1].type: RLIMIT_CPU is given twice',
      'process.rlimits[2].type: "RLIMIT_X" is not known',
      'process.rlimits[2].soft: must not exceed the hard limit of 5',
    ],
  ],
  [
    'oomScoreAdj',
    { process: { oomScoreAdj: 1001 } },
    ['process.oomScoreAdj: must be from -1000 to 1000'],
  ],
  ['the lowest oomScoreAdj', { process: { oomScoreAdj: -1000 } }, []],
  [
    'ioPriority',
    { process: { ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 8 } } },
    ['process.ioPriority.priority: must be from 0 to 7'],
  ],
  [
    'ioPriority without a priority',
    { process: { ioPriority: { class: 'IOPRIO_CLASS_BE' } } },
    ['process.ioPriority.priority: is required'],
  ],
  [
    'execCPUAffinity',
    { process: { execCPUAffinity: { initial: '0-3,7', final: 'x' } } },
    ['process.execCPUAffinity.final: must be a list of CPUs, such as 0-3,7'],
  ],
  [
    'execCPUAffinity with white space, nothing, and a range that ends before it starts',
    { process: { execCPUAffinity: { initial: '3-1', final: ' 1-3 ,,7' } } },
    ['process.execCPUAffinity.initial: must be a list of CPUs, such as 0-3,7'],
  ],
  [
    'an annotation without a name',
    { annotations: { '': 'a', b: '' } },
    ['annotations[""]: must have a key that is not empty'],
  ],
  ['unknown capabilities', { process: { capabilities: { bounding: ['x', 'CAP_Y'] } } }, []],
]);

table('scheduler', [
  [
    'nice',
    scheduler({ policy: 'SCHED_OTHER', nice: 20 }),
    ['process.scheduler.nice: must be from -20 to 19'],
  ],
  [
    'a priority without real time',
    scheduler({ policy: 'SCHED_BATCH', priority: 1, runtime: 5 }),
    [
      'process.scheduler.priority: needs the policy SCHED_FIFO or SCHED_RR',
      'process.scheduler.runtime: needs the policy SCHED_DEADLINE',
    ],
  ],
  [
    'real time without a priority',
    scheduler({ policy: 'SCHED_RR' }),
    ['process.scheduler.priority: must be from 1 to 99 for SCHED_RR'],
  ],
  ['a deadline', scheduler({ policy: 'SCHED_DEADLINE', runtime: 2048, deadline: 4096 }), []],
  [
    'a deadline out of order',
    scheduler({ policy: 'SCHED_DEADLINE', runtime: 4096, deadline: 2048, period: 1024 }),
    [
      'process.scheduler.deadline: must not be less than the runtime',
      'process.scheduler.period: must not be less than the deadline',
    ],
  ],
  [
    'no runtime',
    scheduler({ policy: 'SCHED_DEADLINE', deadline: 1 }),
    ['process.scheduler.runtime: must be 1024 at least for SCHED_DEADLINE'],
  ],
]);

table('mounts and hooks', [
  ['a relative destination', { mounts: [{ destination: 'a' }] }, []],
  [
    'an empty destination',
    { mounts: [{ destination: '' }] },
    ['mounts[0].destination: must not be empty'],
  ],
  [
    'a bind mount of nothing',
    { mounts: [{ destination: '/a', options: ['rbind'] }] },
    ['mounts[0].source: is required by a bind mount'],
  ],
  [
    'half of the mappings',
    {
      mounts: [
        { destination: '/a', uidMappings: [mapping] },
        { destination: '/b', gidMappings: [mapping, mapping] },
      ],
    },
    [
      'mounts[0].gidMappings: is required along with uidMappings',
      'mounts[1].uidMappings: is required along with gidMappings',
      'mounts[1].gidMappings[1].containerID: overlaps mounts[1].gidMappings[0]',
      'mounts[1].gidMappings[1].hostID: overlaps mounts[1].gidMappings[0]',
    ],
  ],
  [
    'idmap of nothing',
    { mounts: [{ destination: '/a', type: 'tmpfs', options: ['ro', 'idmap'] }] },
    ['mounts[0].options[1]: needs mappings of the mount or a user namespace'],
  ],
  [
    'idmap of the container',
    { mounts: [{ destination: '/a', options: ['ridmap'] }], linux: mapped },
    [],
  ],
  [
    'hooks',
    { hooks: { prestart: [{ path: '/a', timeout: 0 }], poststop: [{ path: 'b' }] } },
    ['hooks.prestart[0].timeout: must be an integer greater than zero'],
  ],
  [
    'a relative hook',
    { hooks: { createRuntime: [{ path: '/a' }, { path: 'b', timeout: 1 }] } },
    ['hooks.createRuntime[1].path: must be an absolute path'],
  ],
]);
