import { closeSync, openSync, read, watch, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Kernel, O_CLOEXEC } from '@oci/kernel';
import { unlessGone } from './errors.ts';
import { CgroupFiles } from './files.ts';

/**
 * Yields each time processes of a cgroup ran out of memory. Ends with the cgroup, or when `signal` is
 * aborted.
 */
export type OomEvents = AsyncGenerator<void, void, undefined>;

/**
 * Version 2: the kernel notifies those who watch memory.events, and counts there. When the last
 * process has left, cgroup.events says so.
 */
export async function* unifiedOomEvents(directory: string, signal?: AbortSignal): OomEvents {
  const files = new CgroupFiles(directory);
  const kills = () => files.table('memory.events').oom_kill;
  let wake = () => {};
  let changed = Promise.resolve();
  const expectChange = () => {
    changed = new Promise((resolve) => {
      wake = resolve;
    });
  };
  const onChange = () => wake();
  let seen = kills() ?? 0;
  const watchers = ['memory.events', 'cgroup.events'].map((file) =>
    unlessGone(() => watch(join(directory, file), onChange)),
  );
  signal?.addEventListener('abort', onChange);
  try {
    for (;;) {
      // Before looking: what changes meanwhile is seen in the next round.
      expectChange();
      const now = kills();
      for (; now !== undefined && seen < now; seen++) yield;
      const isLeft = files.table('cgroup.events').populated !== 1;
      if (signal?.aborted || now === undefined || isLeft) return;
      await changed;
    }
  } finally {
    signal?.removeEventListener('abort', onChange);
    for (const watcher of watchers) watcher.close();
  }
}

const EVENT_BYTES = 8;

/**
 * Version 1: an eventfd that is registered with memory.oom_control counts, also once more when the
 * cgroup is removed (admin-guide/cgroup-v1/memory.rst, "OOM Control").
 */
export async function* legacyOomEvents(
  directory: string,
  kernel: Kernel,
  signal?: AbortSignal,
): OomEvents {
  const control = unlessGone(() => openSync(join(directory, 'memory.oom_control'), 'r'));
  const events = Number(kernel.eventfd2(0, O_CLOEXEC));
  const wake = () => writeSync(events, new BigUint64Array([1n]));
  try {
    writeFileSync(join(directory, 'cgroup.event_control'), `${events} ${control}`);
    signal?.addEventListener('abort', wake);
    const files = new CgroupFiles(directory);
    while (!signal?.aborted) {
      await readEvent(events);
      if (signal?.aborted || files.text('memory.oom_control') === undefined) return;
      yield;
    }
  } finally {
    signal?.removeEventListener('abort', wake);
    closeSync(events);
    closeSync(control);
  }
}

/** Waits on a thread of Node's, until the counter is not zero. */
function readEvent(events: number): Promise<void> {
  return new Promise((resolve, reject) => {
    read(events, Buffer.alloc(EVENT_BYTES), 0, EVENT_BYTES, null, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}
