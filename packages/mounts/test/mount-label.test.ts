import type { Mount } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { mountStages } from '../src/index.ts';
import { run } from './support.ts';

describe('with a mount label', () => {
  const label = 'system_u:object_r:container_file_t:s0:c1,c2';
  const linux = { mountLabel: label };
  const lines = (...mounts: Mount[]) => run(mountStages, { mounts, linux }).lines.join('\n');

  it('a new file system is labelled, but for the kernel’s own and what is bound', () => {
    const labelled = `"context", "${label}"`;
    expect(lines({ destination: '/a', type: 'tmpfs' })).toContain(labelled);
    expect(lines({ destination: '/a', type: 'devpts' })).toContain(labelled);
    expect(lines({ destination: '/proc', type: 'proc' })).not.toContain('context"');
    expect(lines({ destination: '/sys', type: 'sysfs' })).not.toContain('context"');
    expect(lines({ destination: '/a', source: '/b', options: ['bind'] })).not.toContain(label);
  });

  it('mount(2) gets it between quotes', () => {
    expect(lines({ destination: '/a', type: 'tmpfs', options: ['iversion'] })).toContain(
      `context=\\"${label}\\"`,
    );
  });
});
