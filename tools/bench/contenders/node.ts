import { join } from 'node:path';
import type { Contender, Workplace } from '../contender.ts';
import { Spawner } from '../spawn.ts';

/** Not a container at all: Node's own start, below which no cold command written in it can come. */
export class NodeAlone implements Contender {
  readonly name = 'node';
  readonly note = 'node -e 0, no container: what cli pays before its first line';
  readonly figures = ['life'] as const;
  #spawner: Spawner | undefined;

  async unavailable() {
    return undefined;
  }
  async prepare({ directory }: Workplace): Promise<void> {
    this.#spawner = new Spawner(join(directory, 'node'));
  }
  async life(): Promise<bigint> {
    if (!this.#spawner) throw new Error('node is not prepared');
    const before = process.hrtime.bigint();
    this.#spawner.wait(this.#spawner.start([process.execPath, '-e', '0']));
    return process.hrtime.bigint() - before;
  }
  async coldStart(): Promise<bigint> {
    throw new Error('node starts no container');
  }
  async close(): Promise<void> {
    this.#spawner?.close();
  }
}
