import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { newId, ocirun } from './support/ocirun.ts';

const container = useBundle();

const kernelNames = 'cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname';
const hostsNames = () =>
  ['hostname', 'domainname']
    .map((name) => readFileSync(`/proc/sys/kernel/${name}`, 'utf8'))
    .join('');

/** The kernel's __NEW_UTS_LEN. */
const longest = 'x'.repeat(64);

describe('hostname and domainname', () => {
  it.each([
    ['box', 'example.org'],
    [longest, longest],
    ['ünï', '$HOME "quoted"'],
  ])('%s, %s', async (hostname, domainname) => {
    const before = hostsNames();
    container.bundle.with((config) => Object.assign(config, { hostname, domainname }));
    expect(await container.prints(kernelNames)).toBe(`${hostname}\n${domainname}`);
    expect(hostsNames()).toBe(before);
  });

  it('are the host’s where the config names none', async () => {
    container.bundle.with((config) => {
      delete config.hostname;
    });
    expect(await container.prints(kernelNames)).toBe(hostsNames().trim());
  });
});

describe('ociVersion', () => {
  it.each(['1.0.0', '1.0.2-dev', '1.1.0+dev', '1.2.1', '1.3.0'])('%s', async (version) => {
    container.bundle.with((config) => {
      config.ociVersion = version;
    });
    expect(await container.prints('hostname')).toBe('box');
  });
});

describe('annotations', () => {
  it('are in the state, as they are in the config', async () => {
    const annotations = { 'com.example.a': 'b', 'org.example/quoted': '"$id"\n\\ü', empty: '' };
    container.bundle.with((config) => {
      config.annotations = annotations;
    });
    const id = newId();
    await ocirun(['create', '-b', container.bundle.path, id], { stdio: 'ignore' });
    const { stdout } = await ocirun(['state', id]);
    await ocirun(['delete', '--force', id]);
    expect(JSON.parse(stdout)).toMatchObject({ id, annotations });
  });
});
