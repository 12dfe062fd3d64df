import { posix } from 'node:path';
import type { RunnableConfig } from '@oci/spec';
import { environment } from './environment.ts';

/** The file of `process.args[0]`, as execvp(3) looks for it: one path, or one per entry of PATH. */
export function candidates(config: RunnableConfig): readonly string[] {
  const [file = ''] = config.process.args;
  if (file.includes('/')) return [file];
  if (file === '') return [];
  return searchPath(config).map((directory) => posix.join(directory, file));
}

/** Without a PATH in the container's environment nothing is searched: the caller's is not used. */
function searchPath(config: RunnableConfig): readonly string[] {
  const path = environment(config).entries.find((entry) => entry.startsWith('PATH='));
  const directories = path === undefined ? [] : path.slice('PATH='.length).split(':');
  return directories.length === 1 && directories[0] === '' ? [] : directories;
}
