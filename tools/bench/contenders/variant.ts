/** What a contender does beside the rest. */
export interface Variant {
  readonly cgroups: boolean;
  /** Docker's default profile. */
  readonly seccomp: boolean;
}

export const plain: Variant = { cgroups: false, seccomp: false };
export const withCgroups: Variant = { cgroups: true, seccomp: false };
export const withSeccomp: Variant = { cgroups: false, seccomp: true };
/** As engines start containers. */
export const full: Variant = { cgroups: true, seccomp: true };

export function variantName(name: string, { cgroups, seccomp }: Variant): string {
  if (cgroups && seccomp) return `${name}-full`;
  if (cgroups) return `${name}-cgroups`;
  return seccomp ? `${name}-seccomp` : name;
}

export function variantNote({ cgroups, seccomp }: Variant): string {
  const profile = seccomp ? ", Docker's default seccomp profile" : '';
  return `${cgroups ? 'with' : 'without'} cgroups${profile}`;
}
