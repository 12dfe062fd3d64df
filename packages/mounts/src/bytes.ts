import { compare, type Kernel, type Memory, type Value } from '@oci/kernel';

/** Strings in memory, for what only a running start knows: names of files, targets of links. */

/** Copies a string with its NUL; where there is no room for it, the start fails. */
export function copyString(k: Kernel, from: Memory, start: Value, to: Memory, offset: Value): void {
  const [source, target] = [k.variable('from', start), k.variable('to', offset)];
  k.loop((leave) => {
    k.when(compare(target.value, '==', to.size), () => k.fail('a path is too long'));
    const byte = k.load(from, source.value, 1);
    k.store(to, target.value, 1, byte);
    k.when(compare(byte, '==', 0), leave);
    k.set(source, k.compute(source.value, '+', 1));
    k.set(target, k.compute(target.value, '+', 1));
  });
}
