import { afterEach, beforeEach, expect } from 'vitest';
import { TestBundle } from './bundle.ts';
import { type Leftovers, leftovers, nothingMoreThan } from './leftovers.ts';
import { newId, ocirun } from './ocirun.ts';

/** Gives every test of a file a bundle of its own, and fails those that leave something behind. */
export function useBundle(): ContainerUnderTest {
  const container = new ContainerUnderTest();
  let before: Leftovers;
  beforeEach(() => {
    before = leftovers();
    container.bundle = new TestBundle();
  });
  afterEach(async () => {
    container.bundle.remove();
    expect(await nothingMoreThan(before)).toEqual(before);
  });
  return container;
}

export class ContainerUnderTest {
  declare bundle: TestBundle;

  /** What a shell script prints in a container of this bundle. It has to succeed, without a warning. */
  async prints(script: string, ...flags: string[]): Promise<string> {
    this.bundle.script(script);
    const outcome = await ocirun(['run', ...flags, '-b', this.bundle.path, newId()]);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    return outcome.stdout.trim();
  }

  /** The one line that tells why no container of this bundle starts. */
  async refusal(...flags: string[]): Promise<string> {
    const outcome = await ocirun(['run', ...flags, '-b', this.bundle.path, newId()]);
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    return outcome.stderr.trim();
  }
}
