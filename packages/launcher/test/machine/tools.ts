import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Architecture, Cell } from '@oci/kernel';
import type { Assembly, Instruction } from '../../src/instructions.ts';

export const architectures: readonly Architecture[] = ['x86_64', 'aarch64'];

/** The architecture that needs no emulator. */
export const host = { x64: 'x86_64', arm64: 'aarch64' }[String(process.arch)];

/** binutils for an architecture that may not be the host's. */
const binutils = {
  x86_64: { prefix: 'x86_64-linux-gnu-', package: 'binutils-x86-64-linux-gnu' },
  aarch64: { prefix: 'aarch64-linux-gnu-', package: 'binutils-aarch64-linux-gnu' },
};

const dialects = {
  x86_64: ['-m', 'i386:x86-64', '-M', 'intel'],
  aarch64: ['-m', 'aarch64'],
};

/** Runs `use` with the path of a temporary file that has these bytes and may be executed. */
export function withFile<Result>(bytes: Uint8Array, use: (path: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'oci-launcher-'));
  try {
    const path = join(folder, 'file');
    writeFileSync(path, bytes, { mode: 0o755 });
    return use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function missing(error: unknown, tool: string, debianPackage: string): unknown {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
    ? new Error(`This test needs ${tool}: apt-get install ${debianPackage}`, { cause: error })
    : error;
}

/** Runs a tool of binutils and returns what it prints. */
export function binutil(
  architecture: Architecture,
  tool: 'objdump' | 'readelf',
  args: readonly string[],
): string {
  const native = architecture === host;
  const command = native ? tool : binutils[architecture].prefix + tool;
  try {
    return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  } catch (error) {
    throw missing(error, command, native ? 'binutils' : binutils[architecture].package);
  }
}

export interface Disassembled {
  readonly address: number;
  readonly text: string;
}

/** Disassembles machine code, without comments and with single spaces. */
export function disassemble(
  bytes: Uint8Array,
  address: number,
  architecture: Architecture,
): Disassembled[] {
  const args = ['-D', '-b', 'binary', '-w', '--no-show-raw-insn', `--adjust-vma=${address}`];
  const printed = withFile(bytes, (path) =>
    binutil(architecture, 'objdump', [...args, ...dialects[architecture], path]),
  );
  return [...printed.matchAll(/^\s*([0-9a-f]+):\s+(.*)$/gm)].map(([, at = '', text = '']) => ({
    address: Number.parseInt(at, 16),
    text: text
      .replace(/\s*(\/\/|#\s).*$/, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  }));
}

export interface Ran {
  readonly status: number | null;
  readonly signal: string | null;
  readonly output: Buffer;
}

/** Runs an executable, on an emulator if the machine is another. */
export function run(
  executable: Uint8Array,
  architecture: Architecture,
  args: readonly string[] = [],
): Ran {
  return withFile(executable, (path) => {
    const emulator = `qemu-${architecture}-static`;
    const [command = path, ...rest] = [...(architecture === host ? [] : [emulator]), path, ...args];
    const ran = spawnSync(command, rest, { maxBuffer: 1 << 28, timeout: 60_000 });
    if (ran.error) throw missing(ran.error, emulator, 'qemu-user-static');
    return { status: ran.status, signal: ran.signal, output: ran.stdout };
  });
}

/** An assembly with cells for all that its instructions name, and nothing else unless given. */
export function assembly(
  instructions: readonly Instruction[],
  rest: Partial<Assembly> = {},
): Assembly {
  return {
    instructions,
    cells: 64,
    constants: new Uint8Array(),
    data: new Uint8Array(),
    zeroed: 0,
    references: [],
    ...rest,
  };
}

export const cell = (index: number): Cell => new Cell(index, `c${index}`);
