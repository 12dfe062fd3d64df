import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The types of config-linux.md, "Namespaces", and their files in /proc/PID/ns. */
export const namespaceFiles = {
  pid: 'pid',
  network: 'net',
  mount: 'mnt',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
} as const;
export type NamespaceType = keyof typeof namespaceFiles;

/** A process in namespaces of its own, all but those of users, for containers to join. */
export class Pod {
  readonly #unshare: ChildProcess;
  readonly pid: number;

  private constructor(unshare: ChildProcess, pid: number) {
    this.#unshare = unshare;
    this.pid = pid;
  }

  /**
   * @param user maps the ids of a user namespace from this one on; `null` for none, `'own'` to map
   * but the user that the pod runs as
   */
  static async start(user: number | 'own' | null = null, uid = 0): Promise<Pod> {
    const flags = ['--ipc', '--uts', '--net', '--mount', '--pid', '--time', '--cgroup', '--fork'];
    const users = user === null ? [] : user === 'own' ? ['--map-root-user'] : ['--user'];
    const args = [...users, ...flags, '--kill-child', 'sleep', '600'];
    const unshare = spawn('unshare', args, { stdio: 'ignore', uid, gid: uid });
    for (let tries = 0; tries < 100; tries++) {
      const [pid] = unshare.pid === undefined ? [] : childrenOf(unshare.pid);
      if (pid !== undefined && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n') {
        if (typeof user === 'number')
          for (const map of ['uid_map', 'gid_map'])
            writeFileSync(`/proc/${pid}/${map}`, `0 ${user} 65536`);
        return new Pod(unshare, pid);
      }
      await sleep(20);
    }
    throw new Error('unshare has not started the pod');
  }

  path(type: NamespaceType): string {
    return `/proc/${this.pid}/ns/${namespaceFiles[type]}`;
  }

  /** What readlink(1) says of one of its namespaces, from inside and out. */
  link(type: NamespaceType): string {
    return readlinkSync(this.path(type));
  }

  async stop(): Promise<void> {
    this.#unshare.kill('SIGKILL');
    await once(this.#unshare, 'exit');
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
}
