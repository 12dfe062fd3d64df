import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  BPF_F_ALLOW_MULTI,
  BPF_PROG_ATTACH,
  BPF_PROG_LOAD,
  BPF_PROG_QUERY,
  bpfDeviceAttachment,
  bpfDeviceProgram,
  bpfDeviceQuery,
  type Fd,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
} from '@oci/kernel';
import { LiveKernel } from '@oci/kernel/live';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attachDeviceProgram,
  deviceProgram,
  encode,
  type Instruction,
  simulate,
} from '../../src/devices/index.ts';
import {
  type Device,
  EXPERIMENTAL,
  experimental,
  GuineaPig,
  trials,
  type Way,
} from './guinea-pig.ts';
import { configWith, randomRules, seeded } from './support.ts';

const root = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find(
  (directory) =>
    existsSync(join(directory, 'cgroup.procs')) &&
    existsSync(join(directory, 'cgroup.controllers')),
);

describe.runIf(process.getuid?.() === 0 && root)('devices, asked of the kernel', () => {
  const kernel = new LiveKernel();
  const cgroup = join(root ?? '', `oci-devices-test-${process.pid}`);
  let directory: Fd = -1;
  let pig: GuineaPig;

  beforeAll(async () => {
    mkdirSync(cgroup);
    // A descriptor as the stages hold it.
    directory = kernel.openat2(kernel.cwd, cgroup, { flags: O_PATH | O_DIRECTORY | O_CLOEXEC });
    pig = await GuineaPig.into(cgroup);
  });

  afterAll(async () => {
    await pig.end();
    kernel.close(directory);
    rmdirSync(cgroup);
  });

  const permitted = (way: Way, device: Device) => pig.permitted(way, device);
  const c = (major: number, minor: number) => ({ type: 'c', major, minor }) as const;

  function attached(): number {
    const ids = kernel.memory('ids', 256);
    kernel.bpf(BPF_PROG_QUERY, bpfDeviceQuery(directory, ids));
    return Array.from({ length: 64 }, (_, index) => ids.load(index * 4, 4)).filter(Boolean).length;
  }

  function load(program: readonly Instruction[]): Fd {
    return kernel.bpf(BPF_PROG_LOAD, bpfDeviceProgram(encode(program), 'Apache-2.0', 'test'));
  }

  it('are those of the rules, and of the latest rules alone', async () => {
    const device = c(EXPERIMENTAL, 0);
    expect(await permitted('rw', device)).toBe(true);

    const denied = { allow: false, access: 'rwm' };
    attachDeviceProgram(kernel, directory, configWith([denied]));
    expect(attached()).toBe(1);
    expect(await permitted('rw', device)).toBe(false);
    expect(await permitted('rw', c(1, 3))).toBe(true);
    expect(await permitted('r', c(1, 5))).toBe(true);
    // /dev/port is in nobody's list.
    expect(await permitted('r', c(1, 4))).toBe(false);
    expect(await permitted('m', c(1, 4))).toBe(true);

    attachDeviceProgram(
      kernel,
      directory,
      configWith([denied, { allow: true, ...device, access: 'r' }]),
    );
    expect(attached()).toBe(1);
    expect(await permitted('r', device)).toBe(true);
    expect(await permitted('w', device)).toBe(false);
    expect(await permitted('rw', device)).toBe(false);

    attachDeviceProgram(kernel, directory, configWith([{ allow: true, access: 'rwm' }]));
    expect(attached()).toBe(0);
    expect(await permitted('rw', device)).toBe(true);
  });

  it('replace whatever was attached before', async () => {
    for (let count = 0; count < 3; count++) {
      const program = load(deviceProgram([]));
      kernel.bpf(BPF_PROG_ATTACH, bpfDeviceAttachment(directory, program, BPF_F_ALLOW_MULTI));
      kernel.close(program);
    }
    expect([attached(), await permitted('r', c(1, 3))]).toEqual([3, false]);
    attachDeviceProgram(kernel, directory, configWith([{ allow: false }]));
    expect([attached(), await permitted('r', c(1, 3))]).toEqual([1, true]);
    attachDeviceProgram(kernel, directory, configWith([{ allow: true }]));
    expect(attached()).toBe(0);
  });

  it('are as the simulator says, for random rules', { timeout: 60_000 }, async () => {
    const random = seeded(3);
    const seen = { true: 0, false: 0 };
    for (let round = 0; round < 40; round++) {
      const rules = experimental(randomRules(random, 2 + Math.floor(random() * 8)));
      const instructions = deviceProgram(rules);
      const program = load(instructions);
      kernel.bpf(BPF_PROG_ATTACH, bpfDeviceAttachment(directory, program, BPF_F_ALLOW_MULTI));
      for (const trial of trials) {
        const { allowed } = simulate(instructions, trial);
        const found = await permitted(trial.way, trial);
        if (found !== allowed) expect.fail(`${JSON.stringify(trial)} ${JSON.stringify(rules)}`);
        seen[`${found}`]++;
      }
      attachDeviceProgram(kernel, directory, configWith([{ allow: true }]));
      kernel.close(program);
    }
    expect(Math.min(seen.true, seen.false)).toBeGreaterThan(200);
  });
});
