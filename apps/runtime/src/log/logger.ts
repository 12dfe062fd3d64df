import { openSync, writeSync } from 'node:fs';
import { formatEntry, type Level, type LogFormat } from './format.ts';

export interface LoggerOptions {
  /** Where to log; without one, to the standard error. */
  readonly file?: string;
  readonly format?: LogFormat;
  readonly debug?: boolean;
}

/** Where a logger says things; tests give their own. */
export interface LogOutput {
  stderr(text: string): void;
  now(): Date;
}

/** Tells the caller, and the log file of the engine that called, what goes wrong. */
export class Logger {
  readonly #file: number | undefined;
  readonly #format: LogFormat;
  readonly #debug: boolean;
  readonly #output: LogOutput;

  /** @throws Error when the file cannot be opened. */
  constructor({ file, format = 'text', debug = false }: LoggerOptions, output: LogOutput) {
    this.#file = file === undefined ? undefined : openSync(file, 'a', 0o644);
    this.#format = format;
    this.#debug = debug;
    this.#output = output;
  }

  get isDebugging(): boolean {
    return this.#debug;
  }

  /** With a log file, also said plainly on the standard error, as runc does. */
  error(message: string): void {
    this.#log('error', message);
    if (this.#file !== undefined) this.#output.stderr(`${message}\n`);
  }

  warn(message: string): void {
    this.#log('warning', message);
  }

  debug(message: string): void {
    if (this.#debug) this.#log('debug', message);
  }

  #log(level: Level, message: string): void {
    const line = formatEntry({ level, message, time: this.#output.now() }, this.#format);
    if (this.#file !== undefined) writeSync(this.#file, line);
    else this.#output.stderr(this.#format === 'json' ? line : plain(level, message));
  }
}

function plain(level: Level, message: string): string {
  return level === 'error' ? `ocirun: ${message}\n` : `ocirun: ${level}: ${message}\n`;
}
