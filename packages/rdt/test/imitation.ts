import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AT_REMOVEDIR, errnoNumber, type Fd, type Policy, type Text } from '@oci/kernel';
import { LiveKernel } from '@oci/kernel/live';
import { parseSchema } from '../src/index.ts';

const counters = { llc_occupancy: '1024', mbm_total_bytes: '300', mbm_local_bytes: '200' };

/** A directory tree like that of resctrl on a machine with two sockets, made by ordinary files. */
export class ResctrlTree {
  readonly root = mkdtempSync(join(tmpdir(), 'resctrl-'));

  constructor() {
    const write = (path: string, text: string) => {
      mkdirSync(join(this.root, dirname(path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    };
    write('info/last_cmd_status', 'ok\n');
    write('info/L3/cbm_mask', '7ff\n');
    write('info/L3/min_cbm_bits', '1\n');
    write('info/L3/num_closids', '4\n');
    write('info/MB/bandwidth_gran', '10\n');
    write('info/MB/delay_linear', '1\n');
    write('info/MB/min_bandwidth', '10\n');
    write('info/MB/num_closids', '4\n');
    this.fill('');
  }

  /** Puts into a group's directory what the kernel puts there. */
  fill(group: string): void {
    const at = join(this.root, group);
    mkdirSync(join(at, 'mon_groups'), { recursive: true });
    writeFileSync(join(at, 'tasks'), '');
    writeFileSync(join(at, 'schemata'), '    MB:0= 100;1= 100\n    L3:0=7ff;1=7ff\n');
    for (const domain of ['mon_L3_00', 'mon_L3_01']) {
      mkdirSync(join(at, 'mon_data', domain), { recursive: true });
      for (const [name, value] of Object.entries(counters))
        writeFileSync(join(at, 'mon_data', domain, name), `${value}\n`);
    }
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** The classes besides the default. */
  get classes(): readonly string[] {
    const own = ['info', 'mon_data', 'mon_groups', 'schemata', 'tasks'];
    return readdirSync(this.root).filter((name) => !own.includes(name));
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

/** Makes calls live, and does to a {@link ResctrlTree} what the kernel would. */
export class ResctrlKernel extends LiveKernel {
  readonly #tree: ResctrlTree;
  readonly #mostClasses: number;

  constructor(tree: ResctrlTree, mostClasses = 3) {
    super();
    this.#tree = tree;
    this.#mostClasses = mostClasses;
  }

  override mkdirat(dirfd: Fd, path: Text, mode: number, policy?: Policy): void {
    const isClass = dirname(String(path)) === this.#tree.root;
    if (isClass && this.#tree.classes.length >= this.#mostClasses) {
      this.#refuse('Out of CLOSIDs', () => this.failed('mkdirat', errnoNumber('ENOSPC'), policy));
      return;
    }
    super.mkdirat(dirfd, path, mode, policy);
    this.#tree.fill(String(path).slice(this.#tree.root.length));
  }

  override unlinkat(dirfd: Fd, path: Text, flags = 0, policy?: Policy): void {
    // A group is removed with the files that are in it.
    if (flags === AT_REMOVEDIR)
      for (const name of list(String(path))) rmSync(join(String(path), name), { recursive: true });
    super.unlinkat(dirfd, path, flags, policy);
  }

  override writeText(fd: Fd, data: Text, policy?: Policy): void {
    const file = readlinkSync(`/proc/self/fd/${fd}`);
    if (!file.endsWith('/schemata')) {
      super.writeText(fd, data, policy);
      return;
    }
    const line = String(data);
    const { resource, fails } = judge(line);
    if (fails !== undefined) {
      this.#refuse(fails, () => this.failed('write', errnoNumber('EINVAL'), policy));
      return;
    }
    const others = readFileSync(file, 'utf8')
      .split('\n')
      .filter((each) => each && !each.includes(`${resource}:`));
    writeFileSync(file, [...others, `    ${line.trim()}`, ''].join('\n'));
  }

  #refuse(status: string, fail: () => void): void {
    writeFileSync(join(this.#tree.root, 'info/last_cmd_status'), `${status}\n`);
    fail();
  }
}

function judge(line: string): { resource?: string; fails?: string } {
  if (!line.endsWith('\n')) return { fails: 'no newline' };
  const [first] = parseSchema(line.trim()) ?? [];
  if (first === undefined) return { fails: 'Non-hex character in the mask' };
  const isKnown = ['L3', 'MB'].includes(first.resource);
  return isKnown
    ? { resource: first.resource }
    : { fails: `Unknown resource name ${first.resource}` };
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
