import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeRootless } from './support/bundle.ts';
import { useBundle } from './support/container.ts';
import { newId, OCIRUN, ocirun, run } from './support/ocirun.ts';

const container = useBundle();

describe('what a container sees', () => {
  it('is process 1, and nobody else', async () => {
    const seen = await container.prints('echo $$; echo /proc/[0-9]*');
    expect(seen).toBe('1\n/proc/1');
  });

  it('is its own hostname', async () => {
    expect(await container.prints('hostname')).toBe('box');
    expect(readFileSync('/proc/sys/kernel/hostname', 'utf8').trim()).not.toBe('box');
  });

  it('is an empty network', async () => {
    const lines = (await container.prints('cat /proc/net/dev')).split('\n').slice(2);
    expect(lines.map((line) => line.trim().split(':')[0])).toEqual(['lo']);
  });

  it('is the mounts that the config names, in order', async () => {
    const mounts = (await container.prints('cat /proc/mounts'))
      .split('\n')
      .map((line) => line.split(' '));
    expect(
      mounts
        .slice(0, 7)
        .map(([, target, type]) => `${target} ${type}`)
        .slice(1),
    ).toEqual([
      '/proc proc',
      '/dev tmpfs',
      '/dev/pts devpts',
      '/dev/shm tmpfs',
      '/dev/mqueue mqueue',
      '/sys sysfs',
    ]);
    const options = new Map(
      mounts.map(([, target = '', , flags = '']) => [target, flags.split(',')]),
    );
    expect(options.get('/')).toContain('ro');
    expect(options.get('/sys')).toEqual(
      expect.arrayContaining(['ro', 'nosuid', 'nodev', 'noexec']),
    );
    expect(options.get('/dev/shm')).toEqual(
      expect.arrayContaining(['rw', 'size=65536k', 'nosuid']),
    );
    expect(options.get('/dev/pts')).toEqual(expect.arrayContaining(['gid=5', 'mode=620']));
  });

  it('is nothing of the host', async () => {
    expect(await container.prints('echo /*')).toBe('/bin /dev /etc /proc /root /sys /tmp');
  });

  it('is the default devices and links', async () => {
    const listed = await container.prints(
      'cd /dev; stat -c "%n %F %t:%T %a" null zero full random urandom tty',
    );
    expect(listed.split('\n')).toEqual([
      'null character special file 1:3 666',
      'zero character special file 1:5 666',
      'full character special file 1:7 666',
      'random character special file 1:8 666',
      'urandom character special file 1:9 666',
      'tty character special file 5:0 666',
    ]);
    expect(
      await container.prints(
        'cd /dev; for l in ptmx fd stdin stdout stderr; do busybox readlink $l; done',
      ),
    ).toBe('pts/ptmx\n/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2');
  });

  it('is a pseudo-terminal multiplexer that works', async () => {
    expect(await container.prints('exec 5<>/dev/ptmx && ls /dev/pts')).toBe('0\nptmx');
  });

  it('is masked and read-only paths', async () => {
    const script = `
      cat /proc/kcore | wc -c; cat /proc/timer_list | wc -c; ls /sys/firmware | wc -l
      echo 1 > /proc/sys/kernel/panic; touch /x; echo done`;
    container.bundle.script(script);
    const { stdout, stderr } = await ocirun(['run', '-b', container.bundle.path, newId()]);
    expect(stdout.trim().split(/\s+/)).toEqual(['0', '0', '0', 'done']);
    expect(stderr.match(/Read-only file system/g)).toHaveLength(2);
  });

  it('is its environment, with a home from its own passwd', async () => {
    container.bundle.with(({ process }) => process.env.push('A=1', 'A=2', 'EMPTY='));
    const environment = (await container.prints('env')).split('\n');
    expect(environment).toEqual(
      expect.arrayContaining(['A=2', 'EMPTY=', 'HOME=/root', 'TERM=xterm']),
    );
    expect(environment).not.toContain('A=1');
  });

  it('is its working directory', async () => {
    container.bundle.with(({ process }) => {
      process.cwd = '/tmp';
    });
    expect(await container.prints('pwd')).toBe('/tmp');
  });

  it('is its user, groups, capabilities and limits', async () => {
    container.bundle.with(({ process }) => {
      process.user = { uid: 1000, gid: 1001, additionalGids: [5, 6], umask: 0o27 };
      process.capabilities.ambient = process.capabilities.inheritable = ['CAP_KILL'];
      process.rlimits.push({ type: 'RLIMIT_CORE', soft: 0, hard: 4096 });
    });
    const seen = await container.prints(
      'id; umask; grep -E "Cap|NoNewPrivs" /proc/self/status; grep -E "open files|core file" /proc/self/limits; echo $HOME'.replaceAll(
        'grep',
        'busybox grep',
      ),
    );
    expect(seen).toContain('uid=1000(user) gid=1001 groups=5,6');
    expect(seen).toContain('0027');
    expect(seen).toMatch(/CapPrm:\s*0000000000000020\n/);
    expect(seen).toMatch(/CapBnd:\s*0000000020000420\n/);
    expect(seen).toMatch(/NoNewPrivs:\s*1/);
    expect(seen).toMatch(/core file size\s+0\s+4096/);
    expect(seen).toMatch(/open files\s+1024\s+1024/);
    expect(seen).toMatch(/\/home\/user$/);
  });

  it('is standard streams and no other descriptor', async () => {
    // The fourth is what ls reads the directory by.
    const seen = await container.prints('exec ls /proc/self/fd');
    expect(seen).toBe('0\n1\n2\n3');
  });

  it('is no ignored or blocked signal, and the caller’s limit on open files', async () => {
    container.bundle.with(({ process }) => {
      delete process.rlimits;
    });
    container.bundle.script('busybox grep -E "SigBlk|SigIgn" /proc/self/status; ulimit -n');
    const command = `ulimit -Sn 777; exec ${OCIRUN} run -b ${container.bundle.path} ${newId()}`;
    const { stdout } = await run('sh', ['-c', command]);
    expect(stdout).toMatch(/SigBlk:\s*0000000000000000\nSigIgn:\s*0000000000000000\n777\n/);
  });
});

describe('what a config asks for', () => {
  it('is bound from the host, directories and files', async () => {
    const host = join(container.bundle.path, 'host');
    mkdirSync(join(host, 'deep'), { recursive: true });
    writeFileSync(join(host, 'file'), 'from the host');
    container.bundle.with(({ mounts, root }) => {
      root.readonly = false;
      mounts.push(
        { destination: '/data/made', type: 'bind', source: host, options: ['rbind', 'ro'] },
        { destination: '/etc/file', type: 'bind', source: 'host/file', options: ['bind'] },
      );
    });
    expect(
      await container.prints(
        'cat /data/made/file /etc/file; touch /data/made/x 2>&1; ls /data/made',
      ),
    ).toMatch(/^from the hostfrom the hosttouch.*Read-only.*\ndeep\nfile$/s);
  });

  it('is an ordinary user’s container', async () => {
    const [uid, gid] = [65534, 65534];
    container.bundle.with((config) => makeRootless(config, uid, gid));
    container.bundle.script('id -u; hostname; cat /proc/self/uid_map; echo $$; ls /dev');
    const root = `${container.bundle.path}/state`;
    mkdirSync(root, { mode: 0o777 });
    await run('chown', [`${uid}:${gid}`, root]);
    const args = ['--root', root, 'run', '-b', container.bundle.path, newId()];
    const outcome = await ocirun(args, { uid, gid, cwd: '/' });
    expect(outcome.stderr).toBe('');
    expect(outcome.stdout).toMatch(/^0\nbox\n\s+0\s+65534\s+1\n1\n/);
    expect(outcome.stdout).toContain('urandom');
    expect(outcome.status).toBe(0);
  });

  it('is a user namespace of root’s', async () => {
    container.bundle.with((config) => {
      config.linux.namespaces.push({ type: 'user' });
      config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
      config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    });
    expect(await container.prints('id -u; cat /proc/self/uid_map; stat -c %u /dev/null')).toMatch(
      /^0\n\s+0\s+100000\s+65536\n/,
    );
  });

  it('is a network namespace that exists', async () => {
    container.bundle.with(({ linux }) => {
      linux.namespaces.find((entry: { type: string }) => entry.type === 'network').path =
        '/proc/self/ns/net';
    });
    const own = await run('readlink', ['/proc/self/ns/net']);
    expect(await container.prints('busybox readlink /proc/self/ns/net')).toBe(own.stdout.trim());
  });

  it('is a root that is entered without pivot_root', async () => {
    expect(await container.prints('echo /*; hostname', '--no-pivot')).toBe(
      '/bin /dev /etc /proc /root /sys /tmp\nbox',
    );
  });

  it('runs stages in sequence with the same result', async () => {
    expect(await container.prints('echo $$; hostname', '--sequential')).toBe('1\nbox');
  });
});
