import {
  AT_REMOVEDIR,
  compare,
  type Kernel,
  O_CLOEXEC,
  O_WRONLY,
  type Pid,
  type Text,
  text,
} from '@oci/kernel';
import { Refusals } from './refusals.ts';
import type { SchemaLine } from './schema.ts';

const DIRECTORY_MODE = 0o755;
/** Of faccessat2(2): whether it is there. */
const F_OK = 0;

/** The commands of a resctrl file system: each is one system call on a directory or file. */
export class Resctrl {
  readonly #k: Kernel;
  readonly #root: string;
  readonly #refusals: Refusals;

  /** @param root where it is mounted */
  constructor(k: Kernel, root: string) {
    this.#k = k;
    this.#root = root;
    this.#refusals = new Refusals(k, root);
  }

  /** Fails where nothing of the kind is mounted (config-linux.md, "IntelRdt"). */
  requireMounted(): void {
    const k = this.#k;
    const allow = ['ENOENT', 'ENOTDIR'] as const;
    const found = k.faccessat2(k.cwd, `${this.#root}/tasks`, F_OK, 0, { allow });
    k.when(compare(found, '!=', 0), () =>
      k.fail(`no resctrl file system is mounted on ${this.#root}`),
    );
  }

  /** Fails where there is no such group. */
  requireGroup(group: Text): void {
    const k = this.#k;
    const found = k.faccessat2(k.cwd, group, F_OK, 0, { allow: ['ENOENT'] });
    k.when(compare(found, '!=', 0), () =>
      k.fail(text`${group} is not there, and no schemata to make it with`),
    );
  }

  /** Makes a group. It goes again when the start fails. */
  makeGroup(group: Text): void {
    const k = this.#k;
    this.#refusals.explain(text`${group}: mkdirat`, () => k.mkdirat(k.cwd, group, DIRECTORY_MODE));
    k.undo(() => removeGroup(k, group));
  }

  /** The kernel takes a line with a newline at its end, and lines in any number of writes. */
  writeSchema(group: Text, { path, text: line }: SchemaLine): void {
    this.#k.doing(`${path}: write ${line}`, () =>
      this.#command(text`${group}/schemata`, `${line}\n`),
    );
  }

  /** Puts a process into a group. Children that it makes later are in it too. */
  writeTask(group: Text, pid: Pid): void {
    this.#command(text`${group}/tasks`, text`${pid}`);
  }

  #command(path: Text, command: Text): void {
    const k = this.#k;
    const file = k.openat(k.cwd, path, O_WRONLY | O_CLOEXEC);
    this.#refusals.explain(text`${path}: write`, () => k.writeText(file, command));
    k.close(file);
  }
}

/** Removes a group: its tasks go back to the one above it. One that is gone is no error. */
export function removeGroup(k: Kernel, group: Text): void {
  k.unlinkat(k.cwd, group, AT_REMOVEDIR, { allow: ['ENOENT'] });
}
