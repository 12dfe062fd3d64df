import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MKNOD, READ, WRITE } from '../../src/devices/access.ts';
import type { DeviceAccess, DeviceRule } from '../../src/devices/index.ts';

/** Major numbers that Documentation/admin-guide/devices.txt keeps for experiments. */
export const EXPERIMENTAL = 240;

/**
 * Joins a cgroup, then tries what it is told and says whether it was permitted. A device without a
 * driver is ENXIO when it was.
 */
const script = `
export LC_ALL=C
echo 0 > "$1/cgroup.procs" || exit
echo ready
while read how type major minor path; do
  case $how in
    r) said=$( { : < "$path"; } 2>&1 ) ;;
    w) said=$( { : > "$path"; } 2>&1 ) ;;
    rw) said=$( { : <> "$path"; } 2>&1 ) ;;
    m) said=$(mknod "$path.new" $type $major $minor 2>&1); rm -f "$path.new" ;;
  esac
  case $said in
    *'not permitted'*) echo no ;;
    *'Permission denied'*) echo broken ;;
    *) echo yes ;;
  esac
done
`;

const ways = { r: READ, w: WRITE, rw: READ | WRITE, m: MKNOD } as const;
export type Way = keyof typeof ways;

export type Device = Omit<DeviceAccess, 'access'>;

/** Some devices without a driver, in every way. */
export const trials: readonly (Device & { readonly way: Way; readonly access: number })[] = (
  ['b', 'c'] as const
).flatMap((type) =>
  [EXPERIMENTAL, EXPERIMENTAL + 1].flatMap((major) =>
    [0, 1].flatMap((minor) =>
      (['r', 'w', 'rw', 'm'] as const).map((way) => ({
        type,
        major,
        minor,
        way,
        access: ways[way],
      })),
    ),
  ),
);

/** The same rules about numbers that no driver has. */
export function experimental(rules: readonly DeviceRule[]): DeviceRule[] {
  return rules.map((rule) =>
    rule.major === undefined ? rule : { ...rule, major: EXPERIMENTAL + rule.major },
  );
}

/** A process in a cgroup that tries to use devices. */
export class GuineaPig {
  readonly #nodes = mkdtempSync(join(tmpdir(), 'devices-'));
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(cgroup: string) {
    this.#child = spawn('sh', ['-c', script, 'sh', cgroup], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#child.stdout) throw new Error('no pipe');
    this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  static async into(cgroup: string): Promise<GuineaPig> {
    const pig = new GuineaPig(cgroup);
    await pig.#answer('ready');
    return pig;
  }

  async permitted(way: Way, { type, major, minor }: Device): Promise<boolean> {
    const path = join(this.#nodes, `${type}-${major}-${minor}`);
    if (!existsSync(path)) execFileSync('mknod', [path, type, String(major), String(minor)]);
    this.#child.stdin?.write(`${way} ${type} ${major} ${minor} ${path}\n`);
    return (await this.#answer('yes', 'no')) === 'yes';
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
    rmSync(this.#nodes, { recursive: true });
  }

  async #answer(...wanted: readonly string[]): Promise<string> {
    const { value } = await this.#answers.next();
    if (!wanted.includes(value)) throw new Error(`it says ${value}`);
    return value;
  }
}
