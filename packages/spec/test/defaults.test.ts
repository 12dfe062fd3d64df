import { describe, expect, it } from 'vitest';
import { checkConfig, defaultConfig, ociVersion, requireRunnable } from '../src/index.ts';
import { readExample } from './support.ts';

function text(config: object): string {
  return JSON.stringify({ ...config, ociVersion }, null, '\t');
}

/** The examples are runc 1.1.5's, which still names ambient capabilities: the same as all others. */
function written(name: string): string {
  const config = JSON.parse(readExample(name));
  const { ambient, bounding } = config.process.capabilities;
  expect(ambient).toEqual(bounding);
  delete config.process.capabilities.ambient;
  return text(config);
}

describe('defaultConfig', () => {
  it.each([{}, { rootless: true }, { cgroupNamespace: true }])('%o can be run', (options) => {
    const config = defaultConfig(options);
    expect(checkConfig(config)).toEqual(config);
    expect(requireRunnable(config).ociVersion).toBe(ociVersion);
  });

  it('is what runc spec writes, but for the version and ambient capabilities', () => {
    expect(text(defaultConfig())).toBe(written('runc-spec.json'));
  });

  it('is what runc spec --rootless writes, but for the version and ambient capabilities', () => {
    expect(text(defaultConfig({ rootless: true }))).toBe(written('runc-spec-rootless.json'));
  });

  it("maps the caller's ids", () => {
    const { linux } = defaultConfig({ rootless: true, uid: 1000, gid: 100 });
    expect(linux?.uidMappings).toEqual([{ containerID: 0, hostID: 1000, size: 1 }]);
    expect(linux?.gidMappings).toEqual([{ containerID: 0, hostID: 100, size: 1 }]);
  });

  it('puts the cgroup namespace where runc does', () => {
    const types = (rootless: boolean) =>
      defaultConfig({ rootless, cgroupNamespace: true }).linux?.namespaces?.map(({ type }) => type);
    expect(types(false)).toEqual(['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup']);
    expect(types(true)).toEqual(['pid', 'ipc', 'uts', 'mount', 'cgroup', 'user']);
  });

  it('gives every caller objects of its own', () => {
    defaultConfig().mounts?.pop();
    expect(defaultConfig().mounts).toHaveLength(7);
  });
});
