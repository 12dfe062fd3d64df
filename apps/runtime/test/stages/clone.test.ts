import { CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, type Fd, type Pid, Provision } from '@oci/kernel';
import { printProgram, Recorder } from '@oci/launcher';
import { expect, it } from 'vitest';
import { cloneStage } from '../../src/stages/clone.ts';

it('makes the container process, and kills it when the start fails later', () => {
  const recorder = new Recorder({ name: 'ocirun', architecture: 'x86_64', parameters: [] });
  const container = new Provision<Pid>('container process');
  const pidfd = new Provision<Fd>('container pidfd');
  const stage = cloneStage(recorder, { flags: CLONE_NEWPID | CLONE_NEWNS, container, pidfd });
  recorder.lane('host', { by: 'message' }, () => {
    stage.run(recorder);
    recorder.pidfd_send_signal(pidfd.value, 0);
    recorder.kill(container.value, 0);
  });
  expect(stage.provides).toEqual([container, pidfd]);
  expect(printProgram(recorder.program, 'x86_64').split('\n').slice(1)).toEqual([
    '  # make the container process',
    '    container.0 = clone3({flags=CLONE_PIDFD|CLONE_NEWNS|CLONE_NEWPID, pidfd=pidfd, exit_signal=SIGCHLD}, 64), whose child is the container lane',
    '    pidfd.1 = pidfd[0, 4 bytes]',
    '    should a later step fail',
    '      pidfd_send_signal(pidfd.1, SIGKILL, NULL, 0)  or any error',
    '      waitid(P_PIDFD, pidfd.1, NULL, WEXITED, NULL)',
    '  pidfd_send_signal(pidfd.1, 0, NULL, 0)',
    '  kill(container.0, 0)',
    '',
  ]);
});

it('makes it in a cgroup', () => {
  const recorder = new Recorder({ name: 'ocirun', architecture: 'x86_64', parameters: [] });
  const cgroup = new Provision<Fd>('cgroup');
  cgroup.provide(7);
  const stage = cloneStage(recorder, {
    flags: CLONE_NEWNET,
    cgroup,
    container: new Provision<Pid>('container process'),
    pidfd: new Provision<Fd>('container pidfd'),
  });
  recorder.lane('host', { by: 'message' }, () => stage.run(recorder));
  expect(stage.needs).toEqual([cgroup]);
  expect(printProgram(recorder.program, 'x86_64')).toContain(
    'clone3({flags=CLONE_PIDFD|CLONE_NEWNET|CLONE_INTO_CGROUP, pidfd=pidfd, exit_signal=SIGCHLD, cgroup=7}, 88)',
  );
});
