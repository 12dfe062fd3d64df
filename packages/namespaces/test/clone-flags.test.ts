import {
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from '@oci/kernel';
import { defaultConfig } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { cloneFlags } from '../src/index.ts';
import { configWith } from './config.ts';

describe('cloneFlags', () => {
  it('names the namespaces of the default config', () => {
    const expected = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS;
    expect(cloneFlags(defaultConfig())).toBe(expected);
    expect(cloneFlags(defaultConfig({ rootless: true }))).toBe(
      (expected & ~CLONE_NEWNET) | CLONE_NEWUSER,
    );
  });

  it('leaves out those that are joined', () => {
    const namespaces = [
      { type: 'network' as const, path: '/run/netns/a' },
      { type: 'uts' as const },
    ];
    expect(cloneFlags(configWith({ namespaces }))).toBe(CLONE_NEWUTS);
  });

  it('leaves the cgroup namespace to a stage of its own, but makes a time namespace', () => {
    const namespaces = [{ type: 'cgroup' as const }, { type: 'time' as const }];
    expect(cloneFlags(configWith({ namespaces }))).toBe(CLONE_NEWTIME);
  });

  it('leaves a time namespace whose clocks are set to a stage of its own', () => {
    const namespaces = [{ type: 'time' as const }, { type: 'uts' as const }];
    const set = configWith({ namespaces, timeOffsets: { boottime: { secs: 1 } } });
    expect(cloneFlags(set)).toBe(CLONE_NEWUTS);
    expect(cloneFlags(configWith({ namespaces, timeOffsets: {} }))).toBe(
      CLONE_NEWTIME | CLONE_NEWUTS,
    );
  });

  it('is nothing without namespaces', () => {
    expect(cloneFlags(configWith({}))).toBe(0);
    expect(cloneFlags({ ociVersion: '1.3.0' })).toBe(0);
  });
});
