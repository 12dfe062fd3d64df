import { PROC_SUPER_MAGIC } from '@oci/kernel';
import type { FakeKernel } from '@oci/kernel/fake';
import { FakeMemory } from '@oci/kernel/fake';
import type { Config, Linux } from '@oci/spec';

export function configWith(linux: Linux): Config {
  return { ociVersion: '1.3.0', linux };
}

/** Lets fstatfs say of every descriptor that it is on a filesystem of this type. */
export function filesystem(kernel: FakeKernel, magic: number = PROC_SUPER_MAGIC): void {
  kernel.returns('fstatfs', ({ args: [, memory] }) => {
    if (memory instanceof FakeMemory) memory.store(0, 8, magic);
    return 0;
  });
}
