import { type Issue, member, type Resources } from '@oci/spec';
import type { Layout } from '../layout.ts';
import type { Setting } from '../setting.ts';

const at = 'linux.resources.unified';

/** Files that are there without a controller: the core's, and pressure of interrupts. */
const withoutController = new Set(['cgroup', 'irq']);

/**
 * config-linux.md, "Unified": files of version 2 by name. The kernel takes limits of several devices
 * one line at a time.
 */
export function unifiedSettings({ unified = {} }: Resources): Setting[] {
  return Object.entries(unified).flatMap(([file, text]) => {
    const [prefix = ''] = file.split('.');
    const controller = withoutController.has(prefix) ? 'cgroup' : prefix;
    const path = member(at, file);
    return text
      .split('\n')
      .filter((line, index) => line !== '' || index === 0)
      .map((value) => ({ controller, file, value, path }));
  });
}

/** What of it cannot be on this host. */
export function checkUnified({ unified = {} }: Resources, layout: Layout): Issue[] {
  const files = Object.keys(unified);
  if (files.length === 0) return [];
  if (layout.kind !== 'unified')
    return [{ path: at, message: 'needs a host with cgroup v2 alone' }];
  return files.filter(isNoName).map((file) => ({
    path: member(at, file),
    message: 'is not a name of a cgroup file',
  }));
}

/** It would name something outside of the cgroup. */
function isNoName(file: string): boolean {
  return file === '' || file === '.' || file === '..' || file.includes('/');
}
