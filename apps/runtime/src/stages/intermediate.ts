import {
  CLONE_PARENT,
  compare,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_NONBLOCK,
  P_PID,
  SIGCHLD,
  type Stage,
  WEXITED,
} from '@oci/kernel';
import type { Recorder } from '@oci/launcher';
import type { Channel } from '@oci/sync';
import { type CloneContext, cloneArguments, cloneNamed, providePidfd } from './clone.ts';

const PID_BYTES = 8;

/** The stage that makes the container process, and what the lane between does for it. */
export interface IntermediateClone {
  readonly stage: Stage;
  /** Issues the calls of the intermediate lane. */
  readonly lane: (k: Kernel) => void;
}

/**
 * Makes the container process by way of an intermediate one. That joins namespaces in which the
 * container's own are to be made, or which only its children enter (user and PID namespaces,
 * setns(2)), and then makes the container process as its own sibling (CLONE_PARENT), so that the
 * launcher stays outside and is the parent none the less.
 *
 * @param enter what the intermediate process does first
 */
export function intermediateClone(
  recorder: Recorder,
  context: CloneContext,
  channel: Channel,
  enter: (k: Kernel) => void,
): IntermediateClone {
  let told: { readonly from: Fd; readonly to: Fd } | undefined;
  const stage = cloneNamed(context, (k) => {
    const ends = k.memory('pid pipe', 8);
    k.pipe2(ends, O_CLOEXEC | O_NONBLOCK);
    const pipe = { from: k.load(ends, 0, 4), to: k.load(ends, 4, 4) };
    told = pipe;
    const intermediate = recorder.spawn('intermediate', { flags: 0, exitSignal: SIGCHLD });
    // It may be killed in the namespaces that it joins: nothing is waited for but its end.
    k.waitid(P_PID, intermediate, null, WEXITED);
    const memory = k.memory('pid', PID_BYTES);
    const length = k.read(pipe.from, memory, PID_BYTES, { allow: ['EAGAIN'] });
    k.when(compare(length, '!=', PID_BYTES), () => {
      channel.failAsReported(k);
      k.fail('the intermediate process ended before it was done');
    });
    const container = k.load(memory, 0, PID_BYTES);
    context.container.provide(container);
    // A child that was not waited for keeps its id.
    providePidfd(k, context, k.pidfd_open(container));
    k.close(pipe.from);
    k.close(pipe.to);
  });
  const lane = (k: Kernel) => {
    if (!told) throw new Error('the intermediate lane is recorded before its clone');
    enter(k);
    const memory = k.memory('made', PID_BYTES);
    k.doing('make the container process', () => {
      const container = recorder.spawn('container', cloneArguments(context, CLONE_PARENT));
      k.store(memory, 0, PID_BYTES, container);
    });
    k.write(told.to, memory, PID_BYTES);
  };
  return { stage, lane };
}
