/**
 * Each field of the specification's config.md and config-linux.md, and the tests that start a real
 * container with it and look from inside: `file > describe > test`, or `file > describe` for all that
 * are in it. `a.{b,c}` stands for `a.b` and `a.c`. fields.test.ts compares this with the schemas.
 */
export const tested: Readonly<Record<string, readonly string[]>> = {
  ociVersion: ['names.test.ts > ociVersion'],
  'root.path': ['root.test.ts > root.path'],
  'root.readonly': ['root.test.ts > root.readonly'],
  hostname: ['names.test.ts > hostname and domainname'],
  domainname: ['names.test.ts > hostname and domainname'],
  annotations: ['names.test.ts > annotations'],

  'mounts[].{destination,source,type}': [
    'mounts.test.ts > a bind mount',
    'container.test.ts > what a container sees > is the mounts that the config names, in order',
  ],
  'mounts[].options': [
    'mounts.test.ts > the flags of a mount',
    'mounts.test.ts > the propagation of a mount',
    'mounts.test.ts > tmpcopyup',
  ],
  'mounts[].{uidMappings,gidMappings}[].{containerID,hostID,size}': [
    'mounts.test.ts > an id-mapped mount > has its own mappings',
  ],

  'process.args': ['process.test.ts > process.args'],
  'process.env': ['process.test.ts > process.env'],
  'process.cwd': [
    'process.test.ts > process.cwd',
    'container.test.ts > what a container sees > is its working directory',
  ],
  'process.user.{uid,gid,additionalGids}': [
    'process.test.ts > process.user > has the ids and groups that are asked for, and no others',
  ],
  'process.user.umask': ['process.test.ts > process.user > has the umask 077'],
  'process.capabilities.{bounding,permitted,effective,inheritable,ambient}': [
    'process-attributes.test.ts > process.capabilities > are five sets',
  ],
  'process.oomScoreAdj': ['process-attributes.test.ts > process.oomScoreAdj'],
  'process.noNewPrivileges': ['process-attributes.test.ts > process.noNewPrivileges'],
  'process.rlimits[].{type,soft,hard}': ['process-attributes.test.ts > process.rlimits'],
  'process.scheduler.{policy,nice,priority,flags}': [
    'process-attributes.test.ts > process.scheduler',
  ],
  'process.scheduler.{runtime,deadline,period}': [
    'deadline-scheduler.test.ts > process.scheduler SCHED_DEADLINE has its runtime, deadline and period',
  ],
  'process.ioPriority.{class,priority}': ['process-attributes.test.ts > process.ioPriority'],
  'process.execCPUAffinity.{initial,final}': [
    'process.test.ts > process.execCPUAffinity > is not for a container’s first process',
  ],
  'process.terminal': ['terminal.test.ts > process.terminal'],
  'process.consoleSize.{height,width}': [
    'process.test.ts > process.consoleSize',
    'terminal.test.ts > --console-socket > gets the terminal of a container that is created, and started later',
  ],
  // In the test machine.
  'process.apparmorProfile': ['apparmor.test.ts > process.apparmorProfile'],

  'linux.devices[].{type,path,major,minor}': ['devices.test.ts > linux.devices'],
  'linux.devices[].{fileMode,uid,gid}': [
    'devices.test.ts > linux.devices > makes {"type":"c","major":1,"minor":3,"fileMode":416,"uid":7,"gid":8}',
  ],
  'linux.netDevices.*.name': ['namespaces.test.ts > linux.netDevices'],
  'linux.namespaces[].type': ['new-namespaces.test.ts > linux.namespaces'],
  'linux.namespaces[].path': [
    'namespaces.test.ts > linux.namespaces joined by path',
    'namespaces.test.ts > linux.namespaces with a user namespace joined by path',
  ],
  'linux.timeOffsets.{boottime,monotonic}.{secs,nanosecs}': [
    'namespaces.test.ts > linux.timeOffsets',
  ],
  'linux.{uidMappings,gidMappings}[].{containerID,hostID,size}': [
    'new-namespaces.test.ts > linux.uidMappings and linux.gidMappings',
    'namespaces.test.ts > linux.uidMappings and linux.gidMappings of an ordinary user',
    'container.test.ts > what a config asks for > is an ordinary user’s container',
  ],
  'linux.sysctl': ['sysctl.test.ts > linux.sysctl'],
  'linux.rootfsPropagation': ['root.test.ts > linux.rootfsPropagation'],
  'linux.maskedPaths': ['covered-paths.test.ts > linux.maskedPaths'],
  'linux.readonlyPaths': ['covered-paths.test.ts > linux.readonlyPaths'],
  'linux.memoryPolicy.{mode,nodes,flags}': ['process-attributes.test.ts > linux.memoryPolicy'],
  'linux.personality.domain': ['process-attributes.test.ts > linux.personality'],

  'linux.cgroupsPath': ['cgroups.test.ts > linux.cgroupsPath'],
  'linux.resources.memory.{limit,reservation,swap}': ['cgroups.test.ts > linux.resources > memory'],
  'linux.resources.memory.{swappiness,disableOOMKiller}': [
    'cgroups.test.ts > linux.resources > memory, as version 1 alone has it',
  ],
  'linux.resources.cpu.{shares,quota,burst,period,cpus,mems}': [
    'cgroups.test.ts > linux.resources > cpu',
  ],
  'linux.resources.cpu.idle': ['cgroups.test.ts > linux.resources > cpu.idle'],
  'linux.resources.pids.limit': ['cgroups.test.ts > linux.resources > pids'],
  'linux.resources.devices[].{allow,access}': ['cgroups.test.ts > linux.resources > devices'],
  'linux.resources.unified': ['cgroups.test.ts > linux.resources > unified'],

  'linux.seccomp.{defaultAction,defaultErrnoRet}': ['seccomp.test.ts > the default action'],
  'linux.seccomp.syscalls[].{names,action,errnoRet}': ['seccomp.test.ts > a rule'],
  'linux.seccomp.syscalls[].args[].{index,value,valueTwo,op}': [
    'seccomp.test.ts > the arguments of a call',
  ],
  'linux.seccomp.architectures': ['seccomp.test.ts > architectures'],
  'linux.seccomp.flags': [
    'seccomp.test.ts > the flags',
    'seccomp-notify.test.ts > an agent > that takes its time is waited for with the flags ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]: EXDEV',
  ],
  'linux.seccomp.{listenerPath,listenerMetadata}': [
    'seccomp-notify.test.ts > an agent > is told of the container, and given one descriptor',
  ],
};

/** Fields without such a test, and why. A key stands for everything below it too. */
export const untested: Readonly<Record<string, string>> = {
  freebsd: 'another platform',
  solaris: 'another platform',
  vm: 'another platform',
  windows: 'another platform',
  zos: 'another platform',
  'process.commandLine': 'Windows only',
  'process.user.username': 'Windows only',
  'linux.personality.flags': 'the specification has no value for it yet',

  // No machine for tests has such a kernel. process.test.ts has what happens without.
  'process.selinuxLabel': 'needs SELinux',
  'linux.mountLabel': 'needs SELinux',

  // Refused until they are there: failures.test.ts.
  hooks: 'later: hooks',
  'linux.intelRdt': 'later: issue 5',

  'linux.resources.memory.kernel': 'later: issue 5',
  'linux.resources.memory.kernelTCP': 'later: issue 5',
  'linux.resources.memory.useHierarchy': 'later: issue 5',
  'linux.resources.memory.checkBeforeUpdate': 'later: issue 5',
  'linux.resources.cpu.realtimePeriod': 'later: issue 5',
  'linux.resources.cpu.realtimeRuntime': 'later: issue 5',
  'linux.resources.devices[].type': 'later: issue 5',
  'linux.resources.devices[].major': 'later: issue 5',
  'linux.resources.devices[].minor': 'later: issue 5',
  'linux.resources.blockIO': 'later: issue 5',
  'linux.resources.hugepageLimits': 'later: issue 5',
  'linux.resources.network': 'later: issue 5',
  'linux.resources.rdma': 'later: issue 5',
};
