import { table } from './table.ts';

const seccomp = (rest: object) => ({
  linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', ...rest } },
});
const resources = (rest: object) => ({ linux: { resources: rest } });

table('devices and resources', [
  [
    'devices',
    {
      linux: {
        devices: [
          { type: 'p', path: '/dev/pipe' },
          { type: 'c', path: '/dev/pipe', major: 1 },
          { type: 'b', path: 'a', major: 4096, minor: 0, fileMode: 0o20666 },
        ],
      },
    },
    [
      'linux.devices[1].path: /dev/pipe is given twice',
      'linux.devices[1].minor: is required by type c',
      'linux.devices[2].path: must be an absolute path',
      'linux.devices[2].major: must be from 0 to 4095',
    ],
  ],
  [
    'rules for devices',
    resources({ devices: [{ allow: true, type: 'x', access: 'rwx' }] }),
    [
      'linux.resources.devices[0].type: must be a, b or c, not "x"',
      'linux.resources.devices[0].access: must be made of r, w and m, not "rwx"',
    ],
  ],
  [
    'burst',
    resources({ cpu: { quota: 5, burst: 6 } }),
    ['linux.resources.cpu.burst: must not exceed the quota'],
  ],
  ['burst without a quota', resources({ cpu: { quota: -1, burst: 6 } }), []],
  [
    'swappiness',
    resources({ memory: { swappiness: 101 } }),
    ['linux.resources.memory.swappiness: must be from 0 to 100'],
  ],
  [
    'entries without values',
    resources({ rdma: { mlx: {} }, blockIO: { weightDevice: [{ major: 8, minor: 0 }] } }),
    [
      'linux.resources.blockIO.weightDevice[0]: must have a weight or a leafWeight',
      'linux.resources.rdma.mlx: must have hcaHandles or hcaObjects',
    ],
  ],
  [
    'unified',
    resources({ unified: { 'memory.max': '1', '../x': '1' } }),
    ['linux.resources.unified["../x"]: is not a name of a cgroup file'],
  ],
]);

table('seccomp', [
  [
    'metadata without a path',
    seccomp({ listenerMetadata: 'a' }),
    ['linux.seccomp.listenerMetadata: needs a listenerPath'],
  ],
  [
    'a relative listener',
    seccomp({
      listenerPath: 'a',
      syscalls: [{ names: ['a'], action: 'SCMP_ACT_NOTIFY' }],
    }),
    ['linux.seccomp.listenerPath: must be an absolute path'],
  ],
  // "If the SCMP_ACT_NOTIFY action is not used this value is ignored."
  [
    'a listener that nothing asks',
    seccomp({
      listenerPath: 'a',
      listenerMetadata: 'b',
      syscalls: [{ names: ['a'], action: 'SCMP_ACT_LOG' }],
    }),
    [],
  ],
  [
    'errors that Linux does not return',
    seccomp({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 4095,
      syscalls: [
        { names: ['a'], action: 'SCMP_ACT_ERRNO', errnoRet: 4094 },
        { names: ['a'], action: 'SCMP_ACT_ERRNO', errnoRet: 4095 },
        { names: ['a'], action: 'SCMP_ACT_TRACE', errnoRet: 65535 },
        { names: ['a'], action: 'SCMP_ACT_TRACE', errnoRet: 65536 },
      ],
    }),
    [
      'linux.seccomp.defaultErrnoRet: must be from 0 to 4094 with SCMP_ACT_ERRNO',
      'linux.seccomp.syscalls[1].errnoRet: must be from 0 to 4094 with SCMP_ACT_ERRNO',
      'linux.seccomp.syscalls[3].errnoRet: must be from 0 to 65535 with SCMP_ACT_TRACE',
    ],
  ],
  [
    'a call without a name',
    seccomp({ syscalls: [{ names: ['a', ''], action: 'SCMP_ACT_LOG' }] }),
    ['linux.seccomp.syscalls[0].names[1]: must not be empty'],
  ],
  [
    'a default errno',
    seccomp({ defaultErrnoRet: 1 }),
    ['linux.seccomp.defaultErrnoRet: SCMP_ACT_ALLOW returns no error number'],
  ],
  [
    'notify by default',
    seccomp({ defaultAction: 'SCMP_ACT_NOTIFY' }),
    ['linux.seccomp.defaultAction: must not be SCMP_ACT_NOTIFY'],
  ],
  [
    'rules',
    seccomp({
      syscalls: [
        { names: [], action: 'SCMP_ACT_ERRNO', errnoRet: 5 },
        { names: ['a'], action: 'SCMP_ACT_LOG', errnoRet: 5 },
        {
          names: ['a'],
          action: 'SCMP_ACT_TRACE',
          args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }],
        },
      ],
    }),
    [
      'linux.seccomp.syscalls[0].names: must have at least one entry',
      'linux.seccomp.syscalls[1].errnoRet: SCMP_ACT_LOG returns no error number',
      'linux.seccomp.syscalls[2].args[0].index: must be from 0 to 5',
    ],
  ],
]);

table('the rest of linux', [
  ['propagation', { linux: { rootfsPropagation: 'rslave' } }, []],
  ['empty propagation', { linux: { rootfsPropagation: '' } }, []],
  [
    'unknown propagation',
    { linux: { rootfsPropagation: 'x' } },
    [
      'linux.rootfsPropagation: must be one of shared, slave, private, unbindable, rshared, rslave, rprivate, runbindable, not "x"',
    ],
  ],
  ['personality', { linux: { personality: {} } }, ['linux.personality.domain: is required']],
  [
    'intelRdt',
    {
      linux: {
        intelRdt: {
          closID: 'a/b',
          memBwSchema: 'L3:',
          l3CacheSchema: 'a\nb',
          schemata: ['a', 'b\n'],
        },
      },
    },
    [
      "linux.intelRdt.closID: must be a name without '/' and line breaks, or '/' alone",
      'linux.intelRdt.l3CacheSchema: must be a single line',
      "linux.intelRdt.memBwSchema: must start with 'MB:'",
      'linux.intelRdt.schemata[1]: must be a single line',
    ],
  ],
  ['the default closID', { linux: { intelRdt: { closID: '/' } } }, []],
  [
    'a memory policy without nodes',
    {
      linux: {
        memoryPolicy: {
          mode: 'MPOL_BIND',
          flags: ['MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES'],
        },
      },
    },
    [
      'linux.memoryPolicy.nodes: is required by MPOL_BIND',
      'linux.memoryPolicy.flags: MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other',
    ],
  ],
  [
    'a memory policy with a range of nodes that ends before it starts',
    { linux: { memoryPolicy: { mode: 'MPOL_BIND', nodes: '3-1' } } },
    ['linux.memoryPolicy.nodes: must be a list of nodes, such as 0-3,7'],
  ],
  [
    'a memory policy with nodes',
    { linux: { memoryPolicy: { mode: 'MPOL_LOCAL', nodes: '1,' } } },
    [
      'linux.memoryPolicy.nodes: must be empty with MPOL_LOCAL',
      'linux.memoryPolicy.nodes: must be a list of nodes, such as 0-3,7',
    ],
  ],
]);
