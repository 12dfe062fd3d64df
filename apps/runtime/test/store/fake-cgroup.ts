import type { CgroupStats } from '@oci/cgroups/live';
import type { Resources } from '@oci/spec';
import type { ContainerCgroup } from '../../src/store/cgroup.ts';

/** A cgroup in memory, which notes what is done with it. */
export class FakeCgroup implements ContainerCgroup {
  made = true;
  frozen = false;
  pids: readonly number[] = [];
  readonly done: string[] = [];
  readonly updates: Resources[] = [];
  /** Thrown instead of removing it, or of changing a limit. */
  refusal: Error | undefined;
  /** How often its processes run out of memory. */
  ooms = 0;
  /** Ends what watches its memory. */
  removed: Promise<unknown> = new Promise(() => undefined);

  exists = () => this.made;
  isFrozen = () => this.frozen;
  processes = () => [...this.pids];

  freeze = async () => {
    this.done.push('freeze');
    this.frozen = true;
  };

  thaw = async () => {
    this.done.push('thaw');
    this.frozen = false;
  };

  kill = async (signal = 9) => {
    this.done.push(`kill ${signal}`);
  };

  remove = async () => {
    this.done.push('remove');
    if (this.refusal) throw this.refusal;
    this.made = false;
  };

  update = (resources: Resources) => {
    if (this.refusal) throw this.refusal;
    this.updates.push(resources);
    return resources;
  };

  stats = (): CgroupStats => ({ version: 2, pids: { current: 3, limit: 7 }, hugetlb: {} });

  async *oomEvents({ signal }: { readonly signal?: AbortSignal } = {}) {
    for (let count = 0; count < this.ooms; count++) yield;
    const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve));
    await Promise.race([this.removed, aborted]);
  }
}
