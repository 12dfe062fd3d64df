import { describe, expect, it } from 'vitest';
import { parseConfig, parseFeatures, parseState, requireRunnable } from '../src/index.ts';
import { findings, listExamples, readExample } from './support.ts';

const invalidJson = ': invalid JSON at line 1, column 2: expected a property name in double quotes';

describe('examples of the specification', () => {
  it.each(listExamples('config/good'))('config/good/%s is accepted', (name) => {
    expect(findings(() => parseConfig(readExample(`config/good/${name}`)))).toEqual([]);
  });

  it.each([
    ['invalid-json.json', invalidJson],
    [
      'linux-hugepage.json',
      'linux.resources.hugepageLimits[0].pageSize: must be a size such as 64KB, 2MB or 1GB',
    ],
    ['linux-netdevice.json', 'linux.netDevices.eth0.name: must be a string'],
    [
      'linux-rdma.json',
      'linux.resources.rdma.mlx5_1.hcaHandles: must be an integer from 0 to 4294967295',
    ],
  ])('config/bad/%s is turned down', (name, finding) => {
    expect(findings(() => parseConfig(readExample(`config/bad/${name}`)))).toEqual([finding]);
  });

  it('does not look into the section of another platform', () => {
    const text = readExample('config/bad/freebsd-vnet-disable.json');
    expect(parseConfig(text).freebsd).toEqual({ jail: { vnet: 'disable' } });
  });

  it('covers all bad configs', () => {
    expect(listExamples('config/bad')).toHaveLength(5);
  });

  it.each(listExamples('features/good'))('features/good/%s is accepted', (name) => {
    expect(findings(() => parseFeatures(readExample(`features/good/${name}`)))).toEqual([]);
  });

  it('features/bad/missing-ociVersionMax.json is turned down', () => {
    const text = readExample('features/bad/missing-ociVersionMax.json');
    expect(findings(() => parseFeatures(text))).toEqual(['ociVersionMax: is required']);
  });

  it('state/good/spec-example.json is accepted', () => {
    expect(parseState(readExample('state/good/spec-example.json')).pid).toBe(4422);
  });

  it('state/bad/invalid-json.json is turned down', () => {
    const text = readExample('state/bad/invalid-json.json');
    expect(findings(() => parseState(text))).toEqual([invalidJson]);
  });
});

describe('requireRunnable', () => {
  it('takes the minimal config for start', () => {
    const config = parseConfig(readExample('config/good/minimal-for-start.json'));
    expect(requireRunnable(config).process.args).toEqual(['sh']);
  });

  it('names all that is missing', () => {
    const text = '{"ociVersion":"2.0.0","linux":{"netDevices":{"eth0":{}}}}';
    expect(findings(() => requireRunnable(parseConfig(text)))).toEqual([
      'ociVersion: 2.0.0 is not supported, only 1.x is',
      'root: is required on Linux',
      'process: is required to start a container',
      'linux.netDevices: needs a network namespace',
    ]);
  });

  it("wants args even in another platform's config", () => {
    const text = '{"ociVersion":"1.0.0","root":{"path":"r"},"zos":{},"process":{"cwd":"/"}}';
    expect(findings(() => requireRunnable(parseConfig(text)))).toEqual([
      'process.args: must have at least one entry',
    ]);
  });

  it('takes an engine-made config', () => {
    const config = requireRunnable(parseConfig(readExample('docker-like.json')));
    expect(config.mounts).toHaveLength(40);
  });
});
