import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One version of the kernel's UAPI headers, for all architectures, in a directory of their own. */
export interface Headers {
  /** `7.2.13-1`: the package's version, which starts with the kernel's. */
  readonly version: string;
  /** Below it are `usr/include` and `usr/lib/linux/uapi/ARCHITECTURE`. */
  readonly directory: string;
}

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Hands `use` the headers that a Debian release's linux-libc-dev holds (from release 13 on it holds
 * those of all architectures), and removes them afterwards. They come from the mirror that the
 * machine's apt uses; what is installed, and apt's own lists, stay as they are.
 */
export function withHeaders<T>(release: string, use: (headers: Headers) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'linux-headers-'));
  try {
    const [site] = apt('indextargets', ['--format', '$(SITE)', 'Origin: Debian']).split('\n');
    if (!site) throw new Error('apt knows no Debian mirror: run apt-get update');
    mkdirSync(join(directory, 'lists/partial'), { recursive: true });
    writeFileSync(
      join(directory, 'sources.list'),
      `deb [signed-by=${keyring}] ${site} ${release} main\n`,
    );
    const configuration = join(directory, 'apt.conf');
    writeFileSync(
      configuration,
      `Dir::State::lists "${directory}/lists";
Dir::Cache "${directory}";
Dir::Etc::sourcelist "${directory}/sources.list";
Dir::Etc::sourceparts "-";
APT::Sandbox::User "root";
`,
    );
    apt('update', ['--quiet'], configuration);
    apt('download', ['--quiet', `linux-libc-dev/${release}`], configuration, directory);
    const file = readdirSync(directory).find((name) => name.endsWith('.deb'));
    if (!file) throw new Error(`no linux-libc-dev in ${release}`);
    execFileSync('dpkg-deb', ['--extract', join(directory, file), directory]);
    const version = execFileSync('dpkg-deb', ['--field', join(directory, file), 'Version'], {
      encoding: 'utf8',
    }).trim();
    return use({ version, directory });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function apt(
  command: string,
  args: readonly string[],
  configuration?: string,
  cwd = tmpdir(),
): string {
  return execFileSync('apt-get', [command, ...args], {
    encoding: 'utf8',
    cwd,
    env: { ...process.env, ...(configuration && { APT_CONFIG: configuration }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
