import type { Socket } from 'node:net';

/** How a container's program ended. */
export interface ExitStatus {
  /** Its exit code; 128 + n when signal n ended it, as a shell counts. */
  readonly code: number;
}

/** A container that was started from this process. */
export interface RunningContainer {
  readonly id: string;
  /** The launcher's process id: it supervises the container and forwards signals to it. */
  readonly supervisor: number;
  /** Our ends of the streams that were asked for as pipes. */
  readonly stdin: Socket | undefined;
  readonly stdout: Socket | undefined;
  readonly stderr: Socket | undefined;
  /**
   * Resolves when the container has ended and nothing is left of it. Rejects with the launcher's
   * message when it could not be started.
   */
  readonly exited: Promise<ExitStatus>;
  /**
   * Sends a signal to the container's first process, by way of the launcher.
   *
   * @throws Error when the container has ended
   */
  kill(signal?: NodeJS.Signals): void;
}
