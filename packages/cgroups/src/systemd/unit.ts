import type { Config, Issue } from '@oci/spec';

/** The systemd unit that a container's cgroup is. */
export interface SystemdUnit {
  /** `docker-1234.scope`. */
  readonly name: string;
  /** The slice that it is in: `system.slice`. */
  readonly slice: string;
  /** What the container is called in the unit's description. */
  readonly container: string;
}

const at = 'linux.cgroupsPath';

/** systemd's UNIT_NAME_MAX, with the NUL. */
const NAME_BYTES = 256;

/** A user's own instance of systemd, or that of the system. */
export type SystemdInstance = 'system' | 'user';

const defaultSlices: Readonly<Record<SystemdInstance, string>> = {
  system: 'system.slice',
  user: 'user.slice',
};

/**
 * The unit for `linux.cgroupsPath` as `slice:prefix:name`, as runc and crun read it: without a
 * slice, `system.slice` or, of a user's instance, `user.slice`; without a prefix the name alone;
 * without a path, `ocirun-ID.scope`. The path must have passed {@link checkUnit}.
 */
export function systemdUnit(
  { linux }: Pick<Config, 'linux'>,
  id: string,
  instance: SystemdInstance,
): SystemdUnit {
  const [slice = '', prefix = '', name = ''] = parts(linux?.cgroupsPath) ?? ['', 'ocirun', id];
  return {
    name: `${prefix === '' ? '' : `${prefix}-`}${name}.scope`,
    slice: slice === '' ? defaultSlices[instance] : slice,
    container: name,
  };
}

export function checkUnit(config: Pick<Config, 'linux'>, id: string): Issue[] {
  const { cgroupsPath } = config.linux ?? {};
  const issue = (message: string): Issue[] => [{ path: at, message }];
  const found = parts(cgroupsPath);
  if (found && found.length !== 3)
    return issue(`must be slice:prefix:name for systemd, not ${JSON.stringify(cgroupsPath)}`);
  const [slice = '', , name = ''] = found ?? ['', '', id];
  if (name === '') return issue('must have a name, as slice:prefix:name');
  if (name.endsWith('.slice')) return issue('a container cannot be a slice; name a scope');
  if (slice !== '' && !isSlice(slice))
    return issue(`${JSON.stringify(slice)} is not the name of a slice, such as a-b.slice`);
  const unit = systemdUnit(config, id, 'system').name;
  if (!/^[A-Za-z0-9:_.\\@-]+$/.test(unit) || Buffer.byteLength(unit) >= NAME_BYTES)
    return issue(`${JSON.stringify(unit)} is not the name of a systemd unit`);
  return [];
}

/**
 * Where the cgroup of a unit is below the root of the hierarchy: a slice `a-b.slice` lies in
 * `a.slice` (systemd.slice(5)).
 *
 * @param manager the cgroup of a user's systemd, which has its units below
 */
export function unitCgroup({ slice, name }: SystemdUnit, manager = ''): string {
  return `${manager}${expandSlice(slice)}/${name}`;
}

function expandSlice(slice: string): string {
  if (slice === '-.slice') return '';
  const names = slice.slice(0, -'.slice'.length).split('-');
  return names.map((_, index) => `/${names.slice(0, index + 1).join('-')}.slice`).join('');
}

function isSlice(slice: string): boolean {
  return slice === '-.slice' || /^[A-Za-z0-9:_.\\@]+(-[A-Za-z0-9:_.\\@]+)*\.slice$/.test(slice);
}

function parts(path: string | undefined): string[] | undefined {
  return path === undefined || path === '' ? undefined : path.split(':');
}
