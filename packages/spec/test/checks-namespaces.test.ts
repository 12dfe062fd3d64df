import { defaultConfig } from '../src/index.ts';
import { table } from './table.ts';

const user = { namespaces: [...(defaultConfig().linux?.namespaces ?? []), { type: 'user' }] };
const mapping = { containerID: 0, hostID: 1000, size: 10 };
const mapped = { ...user, uidMappings: [mapping], gidMappings: [mapping] };
const bare = { namespaces: [], maskedPaths: [], readonlyPaths: [] };

table('namespaces', [
  [
    'twice, and a relative path',
    { linux: { namespaces: [{ type: 'uts' }, { type: 'mount', path: 'a' }, { type: 'uts' }] } },
    [
      'linux.namespaces[1].path: must be an absolute path',
      'linux.namespaces[2].type: a uts namespace is given twice',
    ],
  ],
  [
    'masks without a mount namespace',
    { linux: { namespaces: [{ type: 'uts' }] } },
    ['linux.maskedPaths: needs a mount namespace', 'linux.readonlyPaths: needs a mount namespace'],
  ],
  [
    'relative masks',
    { linux: { maskedPaths: ['/a', 'b'], readonlyPaths: ['c'] } },
    [
      'linux.maskedPaths[1]: must be an absolute path',
      'linux.readonlyPaths[0]: must be an absolute path',
    ],
  ],
  [
    'a new user namespace without mappings',
    { linux: user },
    [
      'linux.uidMappings: is required by a new user namespace',
      'linux.gidMappings: is required by a new user namespace',
    ],
  ],
  [
    'a joined user namespace without mappings',
    { linux: { namespaces: [{ type: 'mount' }, { type: 'uts' }, { type: 'user', path: '/a' }] } },
    [],
  ],
  [
    'mappings without a user namespace',
    { linux: { uidMappings: [mapping], gidMappings: [] } },
    ['linux.uidMappings: needs a user namespace'],
  ],
  [
    'bad ranges',
    {
      linux: {
        ...mapped,
        uidMappings: [
          { containerID: 0, hostID: 1000, size: 0 },
          { containerID: 5, hostID: 1000, size: 10 },
          { containerID: 14, hostID: 4294967295, size: 2 },
          { containerID: 100, hostID: 1009, size: 1 },
        ],
      },
    },
    [
      'linux.uidMappings[0].size: must not be zero',
      'linux.uidMappings[2].containerID: overlaps linux.uidMappings[1]',
      'linux.uidMappings[2].size: reaches beyond the last id, counted from hostID 4294967295',
      'linux.uidMappings[3].hostID: overlaps linux.uidMappings[1]',
    ],
  ],
  [
    'too many mappings',
    { linux: { ...mapped, uidMappings: Array.from({ length: 341 }, () => mapping) } },
    ['linux.uidMappings: the kernel takes 340 mappings at most'],
  ],
  [
    'time offsets without a time namespace',
    { linux: { timeOffsets: { boottime: { secs: 1, nanosecs: 1e9 } } } },
    [
      'linux.timeOffsets: needs a time namespace',
      'linux.timeOffsets.boottime.nanosecs: must be less than 1000000000',
    ],
  ],
  [
    'time offsets that no clock can have',
    {
      linux: {
        namespaces: [{ type: 'time' }, { type: 'mount' }, { type: 'uts' }],
        timeOffsets: { boottime: { secs: 4611686019 }, monotonic: { secs: -(2n ** 62n) } },
      },
    },
    ['boottime', 'monotonic'].map(
      (clock) =>
        `linux.timeOffsets.${clock}.secs: must be from -4611686018 to 4611686018, which is 146 years`,
    ),
  ],
  [
    'time offsets of a joined namespace',
    {
      linux: {
        namespaces: [{ type: 'mount' }, { type: 'uts' }, { type: 'time', path: '/a' }],
        timeOffsets: { monotonic: { secs: 1 } },
      },
    },
    ['linux.timeOffsets: cannot be set in a time namespace that is joined by path'],
  ],
  [
    'an unknown clock',
    { linux: { timeOffsets: { realtime: { secs: 1 } } } },
    ['linux.timeOffsets.realtime: is not known'],
  ],
  [
    'names of network devices',
    {
      linux: {
        netDevices: {
          eth0: { name: 'a/b' },
          'x:y': {},
          eth1: { name: 'eth2' },
          eth2: {},
          e: { name: 'v%d' },
        },
      },
    },
    [
      'linux.netDevices.eth0.name: is not a name of a network device',
      'linux.netDevices["x:y"]: is not a name of a network device',
      'linux.netDevices.eth2: the name eth2 is given twice',
    ],
  ],
]);

table('sysctl', [
  [
    'of no own namespace',
    {
      hostname: '',
      linux: {
        ...bare,
        sysctl: {
          'kernel.shmmax': '1',
          'kernel.sem': '1',
          'fs.mqueue.msg_max': '1',
          'net.ipv4.ip_forward': '1',
          'net/ipv4/conf/eth0.1/forwarding': '1',
          'kernel.domainname': 'a',
          'user.max_user_namespaces': '1',
          'vm.swappiness': '1',
        },
      },
    },
    [
      'linux.sysctl["kernel.shmmax"]: needs an ipc namespace',
      'linux.sysctl["kernel.sem"]: needs an ipc namespace',
      'linux.sysctl["fs.mqueue.msg_max"]: needs an ipc namespace',
      'linux.sysctl["net.ipv4.ip_forward"]: needs a network namespace',
      'linux.sysctl["net/ipv4/conf/eth0.1/forwarding"]: needs a network namespace',
      'linux.sysctl["kernel.domainname"]: needs a uts namespace',
      'linux.sysctl["user.max_user_namespaces"]: needs a user namespace',
      'linux.sysctl["vm.swappiness"]: belongs to no namespace, so setting it would change the host',
    ],
  ],
  [
    'of own namespaces',
    {
      linux: {
        sysctl: { 'kernel.msgmax': '1', 'net.core.somaxconn': '1', 'kernel/domainname': 'a' },
      },
    },
    [],
  ],
  [
    'the hostname',
    { linux: { sysctl: { 'kernel.hostname': 'a' } } },
    ['linux.sysctl["kernel.hostname"]: conflicts with the hostname field, use that'],
  ],
  [
    'a way out of the directory',
    { linux: { sysctl: { 'net/../kernel/core_pattern': '|/x', 'net..a': '1' } } },
    [
      'linux.sysctl["net/../kernel/core_pattern"]: is not a name of a kernel parameter',
      'linux.sysctl["net..a"]: is not a name of a kernel parameter',
    ],
  ],
]);
