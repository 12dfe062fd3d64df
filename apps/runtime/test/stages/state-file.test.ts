import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fd, O_DIRECTORY, type Pid, type Policy, Provision, type Text } from '@oci/kernel';
import { type FakeCall, FakeMemory } from '@oci/kernel/fake';
import { LiveKernel } from '@oci/kernel/live';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type StaticState, stateFileStage } from '../../src/stages/state-file.ts';
import { ProcessTable } from '../../src/store/processes.ts';
import { readStateFile } from '../../src/store/state-file.ts';
import { fill, type Given, parameters, startedKernel } from './support.ts';

const state: StaticState = {
  ociVersion: '1.3.0',
  bundle: '/bundle',
  rootfs: '/bundle/rootfs',
  owner: 'root',
  annotations: {},
  ownPids: true,
};

function newStage(directory: Fd, pid: Pid, changes: Partial<StaticState> = {}) {
  const provided = <T>(value: T) => {
    const provision = new Provision<T>('given');
    provision.provide(value);
    return provision;
  };
  const written = new Provision('state written');
  const all = { ...state, ...changes };
  return stateFileStage(all, parameters.id, provided(directory), provided(pid), written);
}

/** Makes the calls for real, with launch parameters as a launcher would have them. */
class Launched extends LiveKernel {
  readonly #given: Given;
  constructor(given: Given) {
    super();
    this.#given = given;
  }
  override writeText(fd: Fd, text: Text, policy?: Policy): void {
    super.writeText(fd, fill(text, this.#given), policy);
  }
}

describe('the state file', () => {
  let child: ChildProcess;
  beforeAll(() => {
    child = spawn('sleep', ['600']);
  });
  afterAll(() => child.kill());

  /** Writes a state file for real, and says where. */
  function write(changes: Partial<StaticState> = {}, id = 'c1'): string {
    const directory = mkdtempSync(join(tmpdir(), 'ocirun-test-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const k = new Launched({ id });
    const fd = k.openat(k.cwd, directory, O_DIRECTORY);
    newStage(fd, child.pid ?? 0, changes).run(k);
    k.close(fd);
    return directory;
  }

  it('is what the store reads', () => {
    const directory = write({ annotations: { a: 'b' } });
    expect(readdirSync(directory)).toEqual(['state.json']);
    const file = join(directory, 'state.json');
    expect(statSync(file).mode & 0o777).toBe(0o644);
    const read = readStateFile(file, 'c1');
    expect(read).toMatchObject({ ...state, id: 'c1', pid: child.pid, annotations: { a: 'b' } });
    expect(Date.now() - Date.parse(read?.created ?? '')).toBeLessThan(60_000);
    expect(read?.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    expect(read && new ProcessTable().isAlive(read)).toBe(true);
  });

  const hostile = [
    '"',
    '\\',
    '\\"',
    '"}{',
    'a\nb\r\n\tc',
    '$' + '{id} $' + '{created}',
    '%s %n',
    '\u0000\u0001\u001f\u007f',
    '\u2028\u2029',
    'é 漢字 🚀',
    '\ud800 half a character',
    '</script>',
    "'; rm -rf /",
    'x'.repeat(100_000),
  ];

  it.each(hostile.map((text) => [text.slice(0, 20), text]))(
    'keeps annotations that hold %j',
    (_, text) => {
      const annotations = { [text]: text, plain: 'value' };
      const file = join(write({ annotations }), 'state.json');
      // Half a character has no UTF-8; JSON has it as an escape.
      expect(readStateFile(file, 'c1')?.annotations).toEqual(annotations);
    },
  );

  it('keeps paths that hold the same', () => {
    for (const text of hostile.slice(0, -1)) {
      const path = `/${text}`;
      const file = join(write({ bundle: path, rootfs: path, owner: text }), 'state.json');
      expect(readStateFile(file, 'c1')).toMatchObject({ bundle: path, rootfs: path, owner: text });
    }
  });

  it('has its properties in an order that no annotation can change', () => {
    const annotations = { id: 'another', pid: '1', startTime: '2' };
    const file = join(write({ annotations }, 'the-one'), 'state.json');
    const read = readStateFile(file, 'the-one');
    expect(read).toMatchObject({ id: 'the-one', pid: child.pid });
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toEqual([
      'ociVersion',
      'id',
      'pid',
      'startTime',
      'created',
      'bundle',
      'rootfs',
      'owner',
      'annotations',
      'ownPids',
    ]);
  });
});

describe('writing the state file', () => {
  const stat = `1001 (ocirun) ${Array.from({ length: 50 }, (_, at) => at + 3).join(' ')}\n`;
  const newKernel = () => {
    const k = startedKernel();
    k.returns('read', ({ args }: FakeCall) => {
      if (!(args[1] instanceof FakeMemory)) throw new Error('read without memory');
      return args[1].bytes.write(stat);
    });
    return k;
  };
  const names = (lines: readonly string[]) => lines.map((line) => line.replace(/\(.*/s, ''));

  it('is done beside it, so that nobody reads half a state', () => {
    const k = newKernel();
    newStage(30, 1001).run(k);
    expect(names(k.lines)).toEqual([
      'openat',
      'openat',
      'read',
      'close',
      'clock_gettime',
      'write',
      'close',
      'renameat2',
    ]);
    expect(k.lines.at(-1)).toBe('renameat2(30, ".state.json", 30, "state.json", 0)');
    expect(k.lines[0]).toBe('openat(30, ".state.json", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0644)');
    expect(k.open).toEqual([]);
  });

  it('tells the start time of the container', () => {
    const k = newKernel();
    newStage(30, 1001).run(k);
    const written = k.calls.find(({ call }) => call === 'write')?.args[1] as Text;
    expect(JSON.parse(fill(written))).toMatchObject({ id: 'c1', pid: 1001, startTime: 22 });
  });

  it.each(['write', 'renameat2', 'read'] as const)('is unmade when its %s fails', (call) => {
    const k = newKernel();
    k.fail(call, 'ENOSPC');
    expect(() => k.transaction(() => newStage(30, 1001).run(k))).toThrow(/^write the state: /);
    expect(k.lines).toContain('unlinkat(30, ".state.json", 0)');
  });

  it('is unmade when the start fails later', () => {
    const k = newKernel();
    const start = () => {
      newStage(30, 1001).run(k);
      k.fail('something else');
    };
    // The unfinished one is gone by then, which is no reason to leave the other.
    k.fail('unlinkat', 'ENOENT', { when: /"\.state/ });
    expect(() => k.transaction(start)).toThrow('something else');
    expect(k.lines.at(-1)).toBe('unlinkat(30, "state.json", 0)');
  });
});
