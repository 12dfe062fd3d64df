import { O_CLOEXEC, O_PATH, Parameter, text } from '@oci/kernel';
import { assemble, lower, Recorder } from '@oci/launcher';
import { bench, describe } from 'vitest';

const MOUNTS = 30;
const id = new Parameter('id', { positional: true });

/** As many calls as a start makes, about 150, of the kinds it makes. */
function record(): Recorder {
  const k = new Recorder({ name: 'program', architecture: 'x86_64', parameters: [id] });
  k.lane('host', { by: 'message' }, () => {
    for (let index = 0; index < MOUNTS; index++)
      k.doing(`mounts[${index}]`, () => {
        const path = { flags: O_PATH | O_CLOEXEC };
        const at = k.openat2(k.cwd, `/mount/${index}`, path, { allow: ['ENOENT'] });
        k.mkdirat(at, text`${id}`, 0o755, { allow: ['EEXIST'] });
        const tree = k.open_tree(at, '', 0);
        k.undo(() => k.umount2(`/mount/${index}`, 0));
        k.move_mount(tree, '', at, '', 0);
        k.close(at);
      });
  });
  return k;
}

const { program } = record();
const assembly = lower(program);

describe('a program of 150 calls', () => {
  bench('from nothing to an executable', () => {
    assemble(lower(record().program), 'x86_64');
  });

  bench('recorded', () => {
    record();
  });

  bench('lowered', () => {
    lower(program);
  });

  for (const architecture of ['x86_64', 'aarch64'] as const)
    bench(`assembled for ${architecture}`, () => {
      assemble(assembly, architecture);
    });
});
