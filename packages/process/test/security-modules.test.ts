import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readSecurityModules } from '../src/index.ts';
import { bare, configWith } from './config.ts';

const apparmor = configWith({ ...bare, apparmorProfile: 'x' });
const selinux = configWith({ ...bare, selinuxLabel: 'x' });
const mountLabel = configWith(bare, { mountLabel: 'x' });
const none = { apparmor: false, selinux: false };

describe('readSecurityModules', () => {
  const made: string[] = [];
  afterEach(() => made.splice(0).map((path) => rmSync(path, { recursive: true })));

  /** An imitation of /sys. */
  function sysfs(files: Record<string, string>): string {
    const root = mkdtempSync(join(tmpdir(), 'process-sys-'));
    made.push(root);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return root;
  }

  const parameter = 'module/apparmor/parameters/enabled';
  const enforce = 'fs/selinux/enforce';

  it('finds what is there', () => {
    const sys = sysfs({ [parameter]: 'Y\n', [enforce]: '0' });
    expect(readSecurityModules(apparmor, sys)).toEqual({ ...none, apparmor: true });
    expect(readSecurityModules(selinux, sys)).toEqual({ ...none, selinux: true });
    expect(readSecurityModules(mountLabel, sys)).toEqual({ ...none, selinux: true });
  });

  it('finds what is not', () => {
    const off = sysfs({ [parameter]: 'N\n' });
    for (const config of [apparmor, selinux, mountLabel]) {
      expect(readSecurityModules(config, off)).toEqual(none);
      expect(readSecurityModules(config, sysfs({}))).toEqual(none);
    }
  });

  it('reads nothing without a label', () => {
    // A file that cannot be read would tell.
    const sys = sysfs({ [`${parameter}/is a directory`]: '' });
    expect(() => readSecurityModules(apparmor, sys)).toThrow('EISDIR');
    expect(readSecurityModules(configWith({ ...bare, apparmorProfile: '' }), sys)).toEqual(none);
  });
});
