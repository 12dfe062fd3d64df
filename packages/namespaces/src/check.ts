import type { Config, Issue } from '@oci/spec';
import type { NamespaceContext } from './context.ts';
import { joined, makesNew } from './kinds.ts';
import { type IdMap, idMaps } from './mapping-tools.ts';

/**
 * What of a valid config cannot be done: not by this package yet, or not by this user. What makes
 * a config invalid is told by `@oci/spec`.
 */
export function checkNamespaces(config: Config, context: NamespaceContext): Issue[] {
  return [...checkJoined(config, context), ...checkUser(config, context)];
}

/**
 * A new user namespace has no rights over namespaces that exist (setns(2)): they are joined before
 * it is made, which takes privileges, and a mount namespace would then be one of somebody else's.
 */
function checkJoined(config: Config, { rootless }: NamespaceContext): Issue[] {
  if (!makesNew(config, 'user')) return [];
  return joined(config).flatMap(({ index, type }) => {
    const path = `linux.namespaces[${index}].path`;
    const message = 'cannot be joined together with a new user namespace';
    if (type === 'mount') return [{ path, message: `${message}, which would not own it` }];
    return rootless ? [{ path, message: `${message} by an unprivileged user` }] : [];
  });
}

function checkUser(config: Config, context: NamespaceContext): Issue[] {
  if (!makesNew(config, 'user')) {
    const joinsUser = joined(config).some(({ type }) => type === 'user');
    return context.rootless && !joinsUser
      ? [{ path: 'linux.namespaces', message: 'needs a user namespace without privileges' }]
      : [];
  }
  return idMaps(config, context).flatMap((map) => checkMap(map, context));
}

function checkMap(
  { path, mappings, tool, needsTool }: IdMap,
  { mappingTools }: NamespaceContext,
): Issue[] {
  const issues: Issue[] = [];
  if (!mappings.some(({ containerID }) => containerID === 0)) {
    issues.push({ path, message: 'must map id 0 of the container' });
  }
  if (needsTool && mappingTools?.[tool] === undefined) {
    const message = `an unprivileged user can map more than its own id only with ${tool}, which is not in PATH`;
    issues.push({ path, message });
  }
  return issues;
}
