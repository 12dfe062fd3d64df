import {
  compare,
  type ErrnoName,
  errnoMessage,
  errnoNumber,
  type Fd,
  type Kernel,
  type Provision,
  type Stage,
  type Text,
} from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';
import type { ProcessContext } from './context.ts';
import { environment } from './environment.ts';
import { listenEnvironment, listenVariables, preservedDescriptors } from './listen-fds.ts';
import type { Executable } from './lookup.ts';
import { quote } from './quote.ts';

export interface ExecNeeds extends Pick<ProcessContext, 'preserveFds' | 'listenFds' | 'keep'> {
  readonly executable: Provision<Executable>;
  /** Provided where the environment has no HOME. */
  readonly home: Provision<Text>;
}

const STDIO = 3;
const LAST_FD = 0xffff_ffff;

/** Errors whose message is spelled out, as engines know it; others name execve too. */
const foreseen: readonly ErrnoName[] = ['ENOEXEC', 'ENOENT', 'EACCES', 'E2BIG'];

/**
 * The last stage: becomes the container's program. Only here, after all that needs them, are the
 * runtime's descriptors closed, and not merely marked close-on-exec: a program path such as
 * /proc/self/fd/7/… is resolved while those are still open (CVE-2024-21626).
 */
export function execStage(config: RunnableConfig, needs: ExecNeeds): Stage {
  const { executable, home, keep, listenFds } = needs;
  const { entries, needsHome } = environment(config, listenFds ? listenVariables : undefined);
  return {
    name: 'process.exec',
    lane: 'container',
    category: 'Bootstrap',
    needs: [executable, ...(needsHome ? [home] : []), ...(keep ? [keep] : [])],
    run(k) {
      closeOthers(k, STDIO + preservedDescriptors(needs), keep?.value);
      const variables = [
        ...entries,
        ...(needsHome ? [home.value] : []),
        ...(listenFds ? listenEnvironment(k, config, listenFds) : []),
      ];
      const { candidates, chosen } = executable.value;
      const exec = (path: string) => execute(k, path, config.process.args, variables);
      const [only] = candidates;
      if (candidates.length === 1 && only !== undefined) exec(only);
      else {
        for (const [index, path] of candidates.entries()) {
          k.when(compare(chosen, '==', index), () => exec(path));
        }
      }
    },
  };
}

function closeOthers(k: Kernel, first: number, kept: Fd | undefined): void {
  k.doing('close the descriptors of the runtime', () => {
    if (kept === undefined) {
      k.close_range(first, LAST_FD, 0);
      return;
    }
    // Where the kept one is the first, the range before it is empty, which is an error.
    k.close_range(first, k.compute(kept, '-', 1), 0, { allow: ['EINVAL'] });
    k.close_range(k.compute(kept, '+', 1), LAST_FD, 0);
  });
}

function execute(
  k: Kernel,
  path: string,
  args: readonly string[],
  variables: readonly Text[],
): void {
  k.doing(`exec: ${quote(path)}`, () => {
    const result = k.execve(path, args, variables, { allow: foreseen });
    for (const name of foreseen) {
      const errno = errnoNumber(name);
      k.when(compare(result, '==', -errno), () => k.fail(errnoMessage(errno)));
    }
  });
}
