import {
  compare,
  type ErrnoName,
  errnoMessage,
  errnoNumber,
  type Kernel,
  type Provision,
  type Stage,
  type Text,
} from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';
import type { ProcessContext } from './context.ts';
import { environment } from './environment.ts';
import { listenEnvironment, listenVariables } from './listen-fds.ts';
import type { Executable } from './lookup.ts';
import { quote } from './quote.ts';

export interface ExecNeeds extends Pick<ProcessContext, 'listenFds'> {
  readonly executable: Provision<Executable>;
  /** Provided where the environment has no HOME. */
  readonly home: Provision<Text>;
}

/** Errors whose message is spelled out, as engines know it; others name execve too. */
const foreseen: readonly ErrnoName[] = ['ENOEXEC', 'ENOENT', 'EACCES', 'E2BIG'];

/** The last stage: becomes the container's program. */
export function execStage(config: RunnableConfig, needs: ExecNeeds): Stage {
  const { executable, home, listenFds } = needs;
  const { entries, needsHome } = environment(config, listenFds ? listenVariables : undefined);
  return {
    name: 'process.exec',
    lane: 'container',
    category: 'Bootstrap',
    needs: [executable, ...(needsHome ? [home] : [])],
    run(k) {
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
