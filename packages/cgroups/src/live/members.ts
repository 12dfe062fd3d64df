import { existsSync } from 'node:fs';
import type { Hierarchy } from '../layout.ts';
import { CgroupFiles } from './files.ts';

/** A cgroup's directory in one hierarchy. */
export interface Member {
  readonly hierarchy: Hierarchy;
  readonly directory: string;
}

export function memberOf(members: readonly Member[], controller: string): Member | undefined {
  return members.find(({ hierarchy }) => hierarchy.controllers.includes(controller));
}

export function unifiedOf(members: readonly Member[]): Member | undefined {
  return members.find(({ hierarchy }) => hierarchy.version === 2);
}

export function filesOf(members: readonly Member[], controller: string): CgroupFiles | undefined {
  const member = memberOf(members, controller);
  return member && new CgroupFiles(member.directory);
}

/** Whether a cgroup is there in a hierarchy. */
export function isThere({ directory }: Member): boolean {
  return existsSync(directory);
}
