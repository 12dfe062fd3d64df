import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { failedWith } from '@oci/kernel';

/** A process that cannot be confused with a later one of the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in clock ticks since boot: field 22 of /proc/PID/stat. */
  readonly startTime: number;
}

interface ProcessStat {
  /** One letter, as ps shows it. */
  readonly state: string;
  readonly startTime: number;
}

/** Processes as /proc shows them. */
export class ProcessTable {
  readonly #proc: string;
  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  /** Whether this very process is there and has not exited. */
  isAlive({ pid, startTime }: ProcessIdentity): boolean {
    const stat = this.stat(pid);
    return stat !== undefined && stat.startTime === startTime && !'ZXx'.includes(stat.state);
  }

  stat(pid: number): ProcessStat | undefined {
    const text = this.#ifThere(() => readFileSync(`${this.#proc}/${pid}/stat`, 'utf8'));
    if (text === undefined) return undefined;
    // The command's name, in parentheses, may itself hold spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTime: Number(fields[19]) };
  }

  /** Names the pid namespace of a process; `undefined` for one that is gone or not ours to see. */
  pidNamespace(pid: number): string | undefined {
    return this.#ifThere(() => readlinkSync(`${this.#proc}/${pid}/ns/pid`));
  }

  /** Whether a process is the first of its pid namespace: the others end with it. */
  isNamespaceInit(pid: number): boolean {
    const status = this.#ifThere(() => readFileSync(`${this.#proc}/${pid}/status`, 'utf8'));
    const numbers = status?.match(/^NSpid:\s*(.*)$/m)?.[1]?.split(/\s+/) ?? [];
    return numbers.length > 1 && numbers.at(-1) === '1';
  }

  pids(): number[] {
    return readdirSync(this.#proc)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  }

  #ifThere(read: () => string): string | undefined {
    try {
      return read();
    } catch (error) {
      if (failedWith(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
      throw error;
    }
  }
}
