import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { output } from '../command.ts';
import { during } from '../progress.ts';

/** A package as apt's lists describe it. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Names of packages; of alternatives the first. */
  readonly depends: readonly string[];
}

/** The release's name, which mirrors know it by, such as `bookworm`. */
export function debianRelease(osRelease = readFileSync('/etc/os-release', 'utf8')): string {
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(osRelease)?.[1];
  const release = field('VERSION_CODENAME');
  // The host's node runs in the machine, so its libraries must be there.
  if (field('ID') !== 'debian' || !release)
    throw new Error('the test machine is made of Debian packages, on Debian');
  return release;
}

/** Installs the packages that are missing here. */
export async function installMissing(names: readonly string[], signal: AbortSignal) {
  const missing = names.filter((name) => {
    const { stdout } = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' });
    return !/^Status: .* installed$/m.test(stdout);
  });
  if (missing.length === 0) return;
  await updateLists(signal);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', ...missing];
  await during(`Installing ${missing.join(', ')}`, () => output(install, { signal, env }));
}

export async function updateLists(signal: AbortSignal): Promise<void> {
  await during('Updating the list of Debian packages', () =>
    output(['apt-get', 'update'], { signal }),
  );
}

/** What apt would install under these names, as far as its lists know. */
export function candidates(names: readonly string[]): Package[] {
  const args = ['show', '--no-all-versions', ...names];
  // It fails when one of the names is not known; the others are shown.
  const { stdout } = spawnSync('apt-cache', args, { encoding: 'utf8', maxBuffer: 16 << 20 });
  return parsePackages(stdout);
}

/** Parses stanzas of a control file (deb822(5)), those without a name or version left out. */
export function parsePackages(text: string): Package[] {
  return text.split(/\n{2,}/).flatMap((stanza) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1];
    const [name, version] = [field('Package'), field('Version')];
    const depends = (field('Depends') ?? '')
      .split(/, */)
      .map((one) => one.split(/[ :(|]/)[0] ?? '');
    return name && version ? [{ name, version, depends: depends.filter(Boolean) }] : [];
  });
}
