import type { Fd, Kernel, Provision, Stage, Value } from '@oci/kernel';
import type { ProcessContext } from './context.ts';
import { preservedDescriptors } from './listen-fds.ts';

const STDIO = 3;
const LAST_FD = 0xffff_ffff;

/**
 * Closes all descriptors of the runtime but those that the rest of the start needs, which cannot be
 * walked through as a path can. They are closed, and not merely marked close-on-exec: a program path
 * such as /proc/self/fd/7/… is resolved while those are still open (CVE-2024-21626). It is done
 * before a seccomp filter is loaded late, so that the filter need not allow it.
 */
export function descriptorsStage(
  context: Pick<ProcessContext, 'preserveFds' | 'listenFds' | 'keep'>,
): Stage {
  const { keep = [] } = context;
  return {
    name: 'process.descriptors',
    lane: 'container',
    category: 'Bootstrap',
    needs: keep,
    run: (k) =>
      k.doing('close the descriptors of the runtime', () =>
        closeAround(k, STDIO + preservedDescriptors(context), keep),
      ),
  };
}

function closeAround(k: Kernel, first: number, keep: readonly Provision<Fd>[]): void {
  let from: Value = first;
  for (const { value } of keep) {
    // Where two are side by side, the range between them is empty, which is an error.
    k.close_range(from, k.compute(value, '-', 1), 0, { allow: ['EINVAL'] });
    from = k.compute(value, '+', 1);
  }
  k.close_range(from, LAST_FD, 0);
}
