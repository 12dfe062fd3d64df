import type { Config, IdMapping, Issue } from '@oci/spec';
import type { NamespaceContext } from './context.ts';
import { joined, makesNew } from './kinds.ts';
import { sysctlPath } from './sysctl.ts';

/**
 * What of a valid config cannot be done: not by this package yet, or not by this user. What makes
 * a config invalid is told by `@oci/spec`.
 */
export function checkNamespaces(config: Config, context: NamespaceContext): Issue[] {
  return [
    ...checkJoined(config),
    ...checkUser(config, context),
    ...checkLinux(config),
    ...checkHostNetwork(config, context),
  ];
}

function checkJoined(config: Config): Issue[] {
  const newUser = makesNew(config, 'user');
  return joined(config).flatMap(({ index, type }) => {
    const path = `linux.namespaces[${index}].path`;
    if (type === 'user' || type === 'pid') {
      return [{ path, message: `joining a ${type} namespace is not supported yet` }];
    }
    // setns(2) asks for CAP_SYS_ADMIN in the namespace's owner, which a new one has over no other.
    return newUser
      ? [{ path, message: 'joining is not supported yet together with a new user namespace' }]
      : [];
  });
}

function checkUser(config: Config, context: NamespaceContext): Issue[] {
  if (!makesNew(config, 'user')) {
    const joinsUser = joined(config).some(({ type }) => type === 'user');
    return context.rootless && !joinsUser
      ? [{ path: 'linux.namespaces', message: 'needs a user namespace without privileges' }]
      : [];
  }
  return [
    ...checkMappings('linux.uidMappings', config.linux?.uidMappings, context, context.euid),
    ...checkMappings('linux.gidMappings', config.linux?.gidMappings, context, context.egid),
  ];
}

function checkMappings(
  path: string,
  mappings: readonly IdMapping[] = [],
  { rootless }: NamespaceContext,
  own: number,
): Issue[] {
  const issues: Issue[] = [];
  if (!mappings.some(({ containerID, size }) => containerID === 0 && size > 0)) {
    issues.push({ path, message: 'must map id 0 of the container' });
  }
  const [only] = mappings;
  const direct = mappings.length === 1 && only?.size === 1 && only.hostID === own;
  if (rootless && !direct) {
    const tool = path === 'linux.uidMappings' ? 'newuidmap' : 'newgidmap';
    const message = `an unprivileged user can only map one id, its own (${own}): more needs ${tool}, which is not supported yet`;
    issues.push({ path, message });
  }
  return issues;
}

function checkLinux({ linux }: Config): Issue[] {
  const issues: Issue[] = [];
  if (Object.keys(linux?.timeOffsets ?? {}).length > 0) {
    issues.push({ path: 'linux.timeOffsets', message: 'is not supported yet' });
  }
  if (Object.keys(linux?.netDevices ?? {}).length > 0) {
    issues.push({ path: 'linux.netDevices', message: 'is not supported yet' });
  }
  return issues;
}

function checkHostNetwork(config: Config, context: NamespaceContext): Issue[] {
  if (context.joinsHostNetwork !== true) return [];
  return Object.keys(config.linux?.sysctl ?? {})
    .filter((key) => sysctlPath(key).startsWith('net/'))
    .map((key) => ({
      path: `linux.sysctl[${JSON.stringify(key)}]`,
      message: 'is not allowed in the network namespace of the host',
    }));
}
