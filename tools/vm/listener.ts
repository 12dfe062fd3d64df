import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** A Unix socket that takes one connection. */
export class Listener {
  readonly path: string;
  /** Undefined if closed before anyone came. */
  readonly connection: Promise<Socket | undefined>;
  readonly #server: Server;

  private constructor(path: string, server: Server) {
    this.path = path;
    this.#server = server;
    this.connection = new Promise((resolve) => {
      server.once('connection', resolve);
      server.once('close', () => resolve(undefined));
    });
  }

  static async at(path: string): Promise<Listener> {
    const server = createServer();
    const listener = new Listener(path, server);
    server.maxConnections = 1;
    server.listen(path);
    await once(server, 'listening');
    return listener;
  }

  /** Takes no connection any more; one that is there stays. */
  close(): void {
    this.#server.close();
  }
}
