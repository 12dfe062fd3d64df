import type { ErrnoName } from './errno.ts';

/** What may go wrong with one call. */
export interface Policy {
  /** With one of these errors the start goes on; the call's result is then `-errno`. */
  readonly allow?: readonly ErrnoName[] | 'any';
}
