import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CgroupHierarchy, ContainerCgroups } from '../src/index.ts';
import { makeBundle, mountsOf, start } from './live/run.ts';

const TOP = '/sys/fs/cgroup';

/** What this machine has. */
function hostLayout(): ContainerCgroups['layout'] {
  const all = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line): CgroupHierarchy[] => {
      const [, , , , mountpoint = '', , ...rest] = line.split(' ');
      const [type, , superblock = ''] = rest.slice(rest.indexOf('-') + 1);
      if (type === 'cgroup2') return [{ version: 2, controllers: [], mountpoint }];
      if (type !== 'cgroup') return [];
      const words = superblock.split(',').filter((word) => !['rw', 'xattr'].includes(word));
      const name = words.find((word) => word.startsWith('name='))?.slice('name='.length);
      const controllers = words.filter((word) => !word.includes('='));
      return [{ version: 1, controllers, mountpoint, ...(name === undefined ? {} : { name }) }];
    });
  const hierarchies = all.filter(({ version }) => version === 1);
  const unified = all.find(({ version }) => version === 2);
  const kind = hierarchies.length === 0 ? 'unified' : unified ? 'hybrid' : 'legacy';
  return { kind, hierarchies, ...(unified ? { unified } : {}) };
}

const layout = hostLayout();
const names = existsSync(TOP) ? readdirSync(TOP) : [];

describe.runIf(process.getuid?.() === 0 && layout.kind !== 'unified')(
  'cgroup mounts, live, on version 1',
  { timeout: 60_000 },
  () => {
    let bundle = makeBundle();
    bundle.remove();
    beforeEach(() => {
      bundle = makeBundle();
    });
    afterEach(() => bundle.remove());

    const options = ['nosuid', 'noexec', 'nodev', 'ro'];
    const mounts = [
      { destination: '/proc', type: 'proc' },
      { destination: '/sys', type: 'sysfs', options },
      { destination: TOP, type: 'cgroup', source: 'cgroup', options },
    ];

    function run(types: readonly ('mount' | 'cgroup')[], unshare: readonly string[]) {
      const config = {
        ociVersion: '1.3.0',
        root: { path: 'rootfs' },
        mounts,
        linux: { namespaces: types.map((type) => ({ type })) },
      };
      const look = [TOP];
      const request = { bundle: bundle.path, config, cgroups: { layout, path: '' }, look };
      const [report] = start(request, { unshare });
      return { found: report.found?.[TOP], mounts: mountsOf(report) };
    }

    it.each([
      ['new ones in a cgroup namespace', ['mount', 'cgroup'], ['--cgroup']],
      ['binds without one', ['mount'], []],
    ] as const)('are %s', (_, types, unshare) => {
      const { found, mounts } = run(types, ['--net', '--pid', '--fork', ...unshare]);
      expect(found?.entries).toEqual([...names].sort());
      expect(mounts[TOP]).toMatchObject({ type: 'tmpfs', root: '/' });
      expect(mounts[TOP]?.options).toMatch(/^ro,nosuid,nodev,noexec/);
      for (const { mountpoint, version } of [...layout.hierarchies, layout.unified].flatMap(
        (hierarchy) => hierarchy ?? [],
      )) {
        expect(mounts[mountpoint]).toMatchObject({ type: version === 1 ? 'cgroup' : 'cgroup2' });
        expect(mounts[mountpoint]?.options).toMatch(/^ro,nosuid,nodev,noexec/);
      }
    });
  },
);
