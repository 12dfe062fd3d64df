import { AT_FDCWD, errnoNumber, Template } from '@oci/kernel';
import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { removeCgroup } from '../src/index.ts';
import { legacyWith } from './support/layouts.ts';

const { hierarchies } = legacyWith('pids', 'freezer');
const inOrder = hierarchies.map(({ mountpoint }) => `${mountpoint}/box`);
const [EINVAL, ENOTEMPTY] = [errnoNumber('EINVAL'), errnoNumber('ENOTEMPTY')];

const rmdir = (path: string) => `unlinkat(AT_FDCWD, "${path}", AT_REMOVEDIR)`;

function remove(kernel: FakeKernel, kill = false) {
  return removeCgroup(kernel, hierarchies, '/box', { kill });
}

/** Lets getdents64 list these directories below a descriptor, once each time it is opened. */
function lists(kernel: FakeKernel, children: readonly string[]): void {
  let isListed = false;
  kernel.returns('getdents64', ({ args: [, memory] }) => {
    isListed = !isListed;
    if (!isListed || !(memory instanceof FakeMemory)) return 0;
    const [record, directory] = [32, 4];
    for (const [index, name] of children.entries()) {
      memory.store(index * record + 16, 2, record);
      memory.store(index * record + 18, 1, directory);
      memory.bytes.write(`${name}\0`, index * record + 19);
    }
    return children.length * record;
  });
}

describe('removeCgroup', () => {
  it('is one call a hierarchy where nobody is left in it', () => {
    const kernel = new FakeKernel();
    expect(remove(kernel)).toBe(0);
    expect(kernel.lines).toEqual(inOrder.map(rmdir));
  });

  it('does not mind one that is gone', () => {
    const kernel = new FakeKernel();
    kernel.fail('unlinkat', 'ENOENT');
    expect(remove(kernel)).toBe(0);
  });

  it('says what else goes wrong', () => {
    const kernel = new FakeKernel();
    kernel.fail('unlinkat', 'EACCES');
    expect(() => remove(kernel)).toThrow('remove the cgroup: unlinkat: permission denied');
  });

  it('removes those below it, and tries again', () => {
    const kernel = new FakeKernel();
    lists(kernel, ['.', '..', 'a', 'b']);
    const removed: string[] = [];
    kernel.returns('unlinkat', ({ args: [directory, path] }) => {
      const name = path instanceof Template ? String(memoryIn(path).text) : String(path);
      removed.push(`${directory === AT_FDCWD ? '' : directory}${name}`);
      // As rmdir(2) has it for these two.
      return { '.': -EINVAL, '..': -ENOTEMPTY }[name] ?? 0;
    });
    kernel.fail('unlinkat', 'EBUSY', { when: /pids/, times: 1 });
    expect(remove(kernel)).toBe(0);
    expect(removed.slice(-6)).toEqual(['3.', '3..', '3a', '3b', ...inOrder]);
    expect(kernel.open).toEqual([]);
  });

  it('goes down into one that has others in it', () => {
    const kernel = new FakeKernel();
    lists(kernel, ['a']);
    kernel.fail('unlinkat', 'EBUSY', { when: /unlinkat\(3/, times: 1 });
    kernel.fail('unlinkat', 'EBUSY', { when: /pids/, times: 1 });
    expect(remove(kernel)).toBe(0);
    expect(kernel.lines).toContain(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as a call is written down.
      'openat(3, "${busy child}", O_DIRECTORY|O_CLOEXEC, 0)',
    );
    expect(kernel.lines.filter((line) => /^unlinkat\([34]/.test(line))).toHaveLength(2);
    expect(kernel.open).toEqual([]);
  });

  it('leaves one that is in use after half a second, killing nobody', () => {
    const kernel = new FakeKernel();
    kernel.fail('unlinkat', 'EBUSY');
    expect(remove(kernel)).not.toBe(0);
    const pauses = kernel.lines.filter((line) => line.startsWith('clock_nanosleep'));
    expect(pauses).toHaveLength(99);
    expect(pauses[0]).toContain('tv_nsec=5000000');
    expect(kernel.lines.filter((line) => /^kill|cgroup\.kill/.test(line))).toEqual([]);
  });

  it('kills what is left of a container without a pid namespace, and nobody else', () => {
    const kernel = new FakeKernel();
    kernel.fail('unlinkat', 'EBUSY', { when: /pids/, times: 1 });
    kernel.fail('openat', 'ENOENT', { when: /cgroup\.kill/ });
    kernel.returns('read', ({ args: [, memory] }) => {
      // The last number is cut off; 0 is a process of another pid namespace.
      const list = '12\n0\n4711\n99';
      if (memory instanceof FakeMemory) memory.bytes.write(list);
      return list.length;
    });
    expect(remove(kernel, true)).toBe(0);
    expect(kernel.lines.filter((line) => line.startsWith('kill'))).toEqual([
      'kill(12, SIGKILL)',
      'kill(4711, SIGKILL)',
    ]);
  });

  it('kills all at once where the kernel can', () => {
    const kernel = new FakeKernel();
    kernel.fail('unlinkat', 'EBUSY', { when: /pids/, times: 1 });
    remove(kernel, true);
    expect(kernel.lines).toContain('openat(3, "cgroup.kill", O_WRONLY|O_CLOEXEC, 0)');
    expect(kernel.lines.filter((line) => line.startsWith('kill'))).toEqual([]);
  });
});

function memoryIn({ parts }: Template): FakeMemory {
  const [memory] = parts;
  if (memory instanceof FakeMemory) return memory;
  throw new Error('this text is no memory');
}
