import { CLONE_NEWNS, CLONE_NEWUSER, type Fd, type Pid, Provision } from '@oci/kernel';
import { printProgram, Recorder } from '@oci/launcher';
import { Channel } from '@oci/sync';
import { expect, it } from 'vitest';
import { intermediateClone } from '../../src/stages/intermediate.ts';

it('makes the container process as its own sibling, after what it enters', () => {
  const recorder = new Recorder({ name: 'ocirun', architecture: 'x86_64', parameters: [] });
  const channel = new Channel();
  const context = {
    flags: CLONE_NEWNS,
    container: new Provision<Pid>('container process'),
    pidfd: new Provision<Fd>('container pidfd'),
  };
  const { stage, lane } = intermediateClone(recorder, context, channel, (k) =>
    k.setns(9, CLONE_NEWUSER),
  );
  recorder.lane('host', { by: 'message' }, () => {
    channel.open(recorder);
    stage.run(recorder);
  });
  recorder.lane('intermediate', { by: 'descriptor', fd: 4 }, () => lane(recorder));
  const printed = printProgram(recorder.program, 'x86_64').split('\n');
  const calls = printed.filter((line) =>
    /\b(clone3|waitid|read|write|setns|pidfd_\w+)\(/.test(line),
  );
  expect(calls.map((line) => line.trim())).toEqual([
    'intermediate.6 = clone3({exit_signal=SIGCHLD}, 64), whose child is the intermediate lane',
    'waitid(P_PID, intermediate.6, NULL, WEXITED, NULL)',
    'read.8 = read(pid pipe.4, pid, 8)  or EAGAIN',
    'pidfd_open.13 = pidfd_open(pid.12, 0)',
    'pidfd_send_signal(pidfd_open.13, SIGKILL, NULL, 0)  or any error',
    'waitid(P_PIDFD, pidfd_open.13, NULL, WEXITED, NULL)',
    'setns(9, CLONE_NEWUSER)',
    'container.19 = clone3({flags=CLONE_PARENT|CLONE_NEWNS}, 64), whose child is the container lane',
    'write(pid pipe.5, made, 8)',
  ]);
});
