import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { compileFilter, convertDockerProfile, nativeArchitecture } from '@oci/seccomp';
import { defaultConfig, type Seccomp } from '@oci/spec';

const file = new URL('../../packages/seccomp/test/data/docker-default.json', import.meta.url);
const architecture = nativeArchitecture(process.arch === 'arm64' ? 'aarch64' : 'x86_64');

/** Docker's default profile as Docker would give it to a container of the default config. */
export function dockerDefault(): Seccomp {
  const capabilities = defaultConfig().process?.capabilities?.bounding ?? [];
  const target = { architecture, capabilities, kernelRelease: release() };
  return convertDockerProfile(readFileSync(file, 'utf8'), target).profile;
}

/** Its filter: an array of struct sock_filter. */
export function dockerDefaultFilter(): Uint8Array {
  return compileFilter(dockerDefault(), { architecture, newerCalls: 'ENOSYS' }).filter.bytes;
}
