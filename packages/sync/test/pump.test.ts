import { O_CLOEXEC, O_NONBLOCK } from '@oci/kernel';
import { type FakeCall, FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { LiveKernel } from '@oci/kernel/live';
import { describe, expect, it } from 'vitest';
import { PollTable } from '../src/poll-table.ts';
import { Pump } from '../src/pump.ts';

const k = new LiveKernel();

function pipe() {
  const ends = k.memory('ends', 8);
  k.pipe2(ends, O_CLOEXEC | O_NONBLOCK);
  const [from, to] = [k.load(ends, 0, 4), k.load(ends, 4, 4)];
  return { from, to, close: () => [from, to].map((fd) => k.close(fd, { allow: ['EBADF'] })) };
}

function read(fd: ReturnType<typeof pipe>['from']): string {
  const bytes = k.memory('bytes', 65_536);
  const length = Number(k.read(fd, bytes, bytes.size, { allow: ['EAGAIN'] }));
  return bytes.bytes.subarray(0, Math.max(length, 0)).toString();
}

/** Between two pipes. */
function pumped() {
  const [source, sink] = [pipe(), pipe()];
  const table = new PollTable(k, 1);
  const pump = new Pump(k, 'bytes', { from: source.from, to: sink.to }, table, 0);
  const step = () => {
    table.wait(k);
    pump.step(k);
  };
  const close = () => {
    source.close();
    sink.close();
  };
  return { source, sink, table, pump, step, close };
}

describe('a pump', () => {
  it('takes, and gives', () => {
    const { source, sink, step, close } = pumped();
    k.writeText(source.to, 'one');
    step();
    expect(read(sink.from)).toBe('');
    step();
    expect(read(sink.from)).toBe('one');
    close();
  });

  it('does nothing that nobody is ready for', () => {
    const { pump, table, close } = pumped();
    // Would a read be tried, that would be the end of it.
    pump.step(k);
    expect(k.load(table.memory, 4, 2)).toBe(1);
    close();
  });

  it('keeps what was not taken, in its order', () => {
    const fake = new FakeKernel();
    const given: string[] = [];
    const memoryOf = ({ args: [, memory] }: FakeCall) => {
      if (!(memory instanceof FakeMemory)) throw new Error('a call without memory');
      return memory.bytes;
    };
    fake.returns('read', (call) => memoryOf(call).write('abcdef'));
    fake.returns('write', (call) => {
      given.push(memoryOf(call).subarray(0, Number(call.args[2])).toString());
      return 2;
    });
    const table = new PollTable(fake, 1);
    const pump = new Pump(fake, 'bytes', { from: 5, to: 6 }, table, 0);
    fake.store(table.memory, 6, 2, 1);
    for (let steps = 0; steps < 5; steps++) pump.step(fake);
    expect(given).toEqual(['abcdef', 'cdef', 'ef']);
    expect(fake.calls.map(({ call }) => call)).toEqual(['read', 'write', 'write', 'write', 'read']);
  });

  it('is passed over once there is nothing more', () => {
    const { source, step, table, close } = pumped();
    k.close(source.to);
    step();
    expect(k.load(table.memory, 0, 4)).toBe(0xffff_ffff);
    close();
  });

  it('drops what nobody takes, and goes on', () => {
    const { source, sink, step, table, close } = pumped();
    k.close(sink.from);
    k.writeText(source.to, 'one');
    step();
    step();
    expect([k.load(table.memory, 0, 4), k.load(table.memory, 4, 2)]).toEqual([source.from, 1]);
    close();
  });

  it('is drained of what is left', () => {
    const { source, sink, pump, step, close } = pumped();
    k.writeText(source.to, 'a'.repeat(5000));
    step();
    pump.drain(k, 10);
    expect(read(sink.from)).toBe('a'.repeat(5000));
    close();
  });

  it('is drained no more than it is told', () => {
    const { source, sink, pump, close } = pumped();
    k.writeText(source.to, 'a'.repeat(10_000));
    pump.drain(k, 2);
    expect(read(sink.from)).toHaveLength(8192);
    close();
  });
});
