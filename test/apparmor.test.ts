import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { run } from './support/ocirun.ts';
import { withProcess } from './support/process.ts';

const container = useBundle();

const parameter = '/sys/module/apparmor/parameters/enabled';
const enabled = existsSync(parameter) && readFileSync(parameter, 'utf8').startsWith('Y');
const profile = `ocirun-test-${process.pid}`;
const current = 'cat /proc/self/attr/current';

/** The test machine has AppArmor (tools/vm). */
describe.runIf(enabled)('process.apparmorProfile', () => {
  // Its standard streams are sockets here.
  const rules = 'file, signal, capability, network, unix, deny /etc/passwd rw,';
  const parser = (flag: string) =>
    run('sh', [
      '-c',
      `echo 'profile ${profile} flags=(attach_disconnected) { ${rules} }' | apparmor_parser ${flag}`,
    ]);
  beforeAll(async () => {
    expect(await parser('--add')).toMatchObject({ status: 0 });
  });
  afterAll(() => parser('--remove'));
  beforeEach(() => withProcess(container, { apparmorProfile: profile }));

  it('confines the container’s program, and what it starts', async () => {
    expect(await container.prints(`${current}; cat /etc/passwd 2>&1 || true`)).toBe(
      `${profile} (enforce)\ncat: can't open '/etc/passwd': Permission denied`,
    );
  });

  it.each([true, false])('confines another user, with no_new_privs %s', async (noNewPrivileges) => {
    withProcess(container, { user: { uid: 1000, gid: 1000 }, noNewPrivileges });
    expect(await container.prints(current)).toBe(`${profile} (enforce)`);
  });

  it('confines root of a user namespace', async () => {
    const mappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    container.bundle.with(({ linux }) => {
      linux.namespaces.push({ type: 'user' });
      Object.assign(linux, { uidMappings: mappings, gidMappings: mappings });
    });
    await run('chmod', ['-R', 'a+rX', container.bundle.path]);
    expect(await container.prints(current)).toBe(`${profile} (enforce)`);
  });

  it('may be unconfined', async () => {
    withProcess(container, { apparmorProfile: 'unconfined' });
    expect(await container.prints(current)).toBe('unconfined');
  });

  it('is refused where it is not loaded', async () => {
    withProcess(container, { apparmorProfile: 'no-such-profile' });
    expect(await container.refusal()).toMatch(
      /process\.apparmorProfile: change to no-such-profile on exec: write: no such file or directory$/,
    );
  });

  it('is refused where the file that takes it is covered', async () => {
    container.bundle.with(({ linux }) => {
      linux.maskedPaths.push('/proc/thread-self/attr/apparmor/exec');
    });
    expect(await container.refusal()).toMatch(/process\.apparmorProfile: .*openat2: /);
  });
});
