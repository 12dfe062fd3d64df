import type { ErrnoName, Kernel } from '@oci/kernel';

/** `k.attempt` of bodies without a value. */
export function attempt(
  k: Kernel,
  errnos: readonly ErrnoName[],
  body: () => void,
  otherwise: () => void,
): void {
  k.attempt(
    errnos,
    () => {
      body();
      return undefined;
    },
    () => {
      otherwise();
      return undefined;
    },
  );
}
