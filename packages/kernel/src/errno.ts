import { errnos } from './generated/errno.ts';

export type ErrnoName = keyof typeof errnos;

const names = new Map<number, ErrnoName>();
for (const [name, { number }] of Object.entries(errnos)) names.set(number, name as ErrnoName);

/** The number of an error name: `errnoNumber('ENOENT')` is 2. */
export function errnoNumber(name: ErrnoName): number {
  return errnos[name].number;
}

/** Whether there is an error of that name. */
export function isErrnoName(name: string): name is ErrnoName {
  return Object.hasOwn(errnos, name);
}

/** The name of an error number, or `undefined` for a number no kernel returns. */
export function errnoName(number: number): ErrnoName | undefined {
  return names.get(number);
}

/** The kernel headers' words for an error number: `no such file or directory`. */
export function errnoMessage(number: number): string {
  const name = names.get(number);
  return name ? errnos[name].message : `error ${number}`;
}

/** All error numbers with their words, for the launcher's own table. */
export function errnoMessages(): readonly {
  readonly number: number;
  readonly message: string;
}[] {
  return Object.values(errnos);
}
