import { describe, expect, it } from 'vitest';
import {
  checkConfig,
  checkProcess,
  defaultConfig,
  examineConfig,
  parseConfig,
  parseFeatures,
  parseProcess,
  parseState,
  SpecError,
  toInt64,
  toUint64,
} from '../src/index.ts';
import { configWith, findings, issuesOf } from './support.ts';

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SpecError) return error.message;
  }
  return '';
}

describe('parseConfig', () => {
  it('ignores unknown properties and leaves them out', () => {
    const config = parseConfig('{"ociVersion":"1.3.0","x":1,"root":{"path":"r","y":2}}');
    expect(config).toEqual({ ociVersion: '1.3.0', root: { path: 'r' } });
  });

  it('reads a property that is null as absent', () => {
    const config = parseConfig('{"ociVersion":"1.3.0","process":null,"linux":{"seccomp":null}}');
    expect(config).toEqual({ ociVersion: '1.3.0', linux: {} });
    expect(findings(() => parseConfig('{"ociVersion":null}'))).toEqual(['ociVersion: is required']);
    expect(findings(() => parseConfig('{"ociVersion":"1.0.0","mounts":[null]}'))).toEqual([
      'mounts[0]: must be an object',
    ]);
  });

  it('keeps 64-bit integers', () => {
    const config = parseConfig(
      `{"ociVersion":"1.3.0",
        "process":{"args":["sh"],"cwd":"/","rlimits":[
          {"type":"RLIMIT_CORE","soft":18446744073709551615,"hard":18446744073709551615}]},
        "linux":{"resources":{"memory":{"limit":9223372036854771712}},
          "seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["clone"],
            "action":"SCMP_ACT_ERRNO","args":[
              {"index":0,"value":18446744071562067968,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}]}]}}}`,
    );
    expect(config.process?.rlimits?.[0]?.hard).toBe(18446744073709551615n);
    expect(config.linux?.resources?.memory?.limit).toBe(9223372036854771712n);
    expect(config.linux?.seccomp?.syscalls?.[0]?.args?.[0]?.value).toBe(18446744071562067968n);
  });

  it('turns down integers of more than 64 bits, and fractions', () => {
    const text = (limit: string) =>
      `{"ociVersion":"1.3.0","linux":{"resources":{"memory":{"limit":${limit}}}}}`;
    const finding =
      'linux.resources.memory.limit: must be an integer from -9223372036854775808 to 9223372036854775807';
    for (const limit of ['9223372036854775808', '-9223372036854775809', '1.5', '1e400', '"1"']) {
      expect(findings(() => parseConfig(text(limit)))).toEqual([finding]);
    }
  });

  it('names the document and all that is wrong with it in one line', () => {
    const mounts = Array.from({ length: 6 }, () => ({ destination: 1 }));
    const config = configWith({ process: { cwd: 'a' }, mounts });
    expect(messageOf(() => checkConfig(config))).toBe(
      'config.json: mounts[0].destination: must be a string; mounts[1].destination: must be a string; ' +
        'mounts[2].destination: must be a string; mounts[3].destination: must be a string; ' +
        'mounts[4].destination: must be a string; mounts[5].destination: must be a string; ' +
        'process.cwd: must be an absolute path',
    );
    expect(issuesOf(() => checkConfig(config))).toHaveLength(7);
    expect(messageOf(() => parseConfig('[]'))).toBe('config.json: must be an object');
    expect(messageOf(() => parseConfig('{'))).toBe(
      'config.json: invalid JSON at line 1, column 2: expected a property name in double quotes',
    );
  });

  it('reports wrong types and broken rules together', () => {
    const config = configWith({
      process: { cwd: 'a' },
      hostname: 'x'.repeat(65),
      linux: { namespaces: [{ type: 'moon' }], seccomp: { defaultAction: 1 }, maskedPaths: ['a'] },
    });
    expect(findings(() => checkConfig(config))).toEqual([
      'linux.namespaces[0].type: must be one of mount, pid, network, uts, ipc, user, cgroup, time, not "moon"',
      'linux.seccomp.defaultAction: must be one of SCMP_ACT_KILL, SCMP_ACT_KILL_PROCESS, SCMP_ACT_KILL_THREAD, SCMP_ACT_TRAP, SCMP_ACT_ERRNO, SCMP_ACT_TRACE, SCMP_ACT_ALLOW, SCMP_ACT_LOG, SCMP_ACT_NOTIFY',
      'process.cwd: must be an absolute path',
      'hostname: must not be longer than 64 bytes',
      'linux.maskedPaths[0]: must be an absolute path',
    ]);
    expect(findings(() => parseConfig('{"process":{"cwd":"a"},"root":7}'))).toEqual([
      'ociVersion: is required',
      'root: must be an object',
      'process.args: is required',
      'process.cwd: must be an absolute path',
    ]);
  });

  it('reports rules that are broken beside a part of the process with wrong types', () => {
    const process = { args: 7, cwd: 'x', rlimits: [{ type: 'RLIMIT_CPU' }], env: ['A'] };
    expect(findings(() => checkConfig(configWith({ process })))).toEqual([
      'process.args: must be an array',
      'process.rlimits[0].hard: is required',
      'process.rlimits[0].soft: is required',
      'process.cwd: must be an absolute path',
      "process.env[0]: must be NAME=VALUE, but has no '='",
    ]);
    expect(findings(() => parseConfig('{"ociVersion":"1.3.0","process":{"env":["A"]}}'))).toEqual([
      'process.cwd: is required',
      'process.args: is required',
      "process.env[0]: must be NAME=VALUE, but has no '='",
    ]);
  });

  it('withstands deep nesting in what it does not look into', () => {
    const deep = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
    const text = `{"ociVersion":"1.3.0","x":${deep},"freebsd":${deep},"annotations":{"a":"\\u0000"}}`;
    expect(parseConfig(text).annotations).toEqual({ a: '\0' });
    const wrong = text.replace('1.3.0', '1');
    expect(findings(() => parseConfig(wrong))).toHaveLength(1);
    expect(findings(() => parseConfig(text.replace('"1.3.0"', '1')))).toHaveLength(1);
  });

  it('does not change the value it checks', () => {
    const config = defaultConfig();
    checkConfig(config);
    expect(config).toEqual(defaultConfig());
  });
});

describe('examineConfig', () => {
  it('tells what keeps a config from being started together with what is wrong with it', () => {
    const { config, issues } = examineConfig(
      '{"ociVersion":"2.0.0","process":{"cwd":"/","env":["A"]},"linux":{"netDevices":{"a":{}}}}',
    );
    expect(issues.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'process.args: is required',
      "process.env[0]: must be NAME=VALUE, but has no '='",
      'ociVersion: 2.0.0 is not supported, only 1.x is',
      'root: is required on Linux',
      'linux.netDevices: needs a network namespace',
    ]);
    expect(config).toMatchObject({ root: { path: '' }, process: { args: [] } });
    expect(examineConfig('{"ociVersion":"1.0.0"}').issues.map(({ path }) => path)).toEqual([
      'root',
      'process',
    ]);
  });

  it('finds nothing in one that can be started', () => {
    const config = defaultConfig();
    expect(examineConfig(JSON.stringify(config))).toEqual({ config, issues: [] });
  });

  it('throws what does not follow the schema, and what else is wrong', () => {
    const text =
      '{"ociVersion":"1.0.0","process":{"args":["a"],"cwd":"b"},"linux":{"namespaces":7,"netDevices":{"a":{}}}}';
    expect(findings(() => examineConfig(text))).toEqual([
      'linux.namespaces: must be an array',
      'process.cwd: must be an absolute path',
      'root: is required on Linux',
    ]);
  });
});

describe('parseProcess', () => {
  it('reads a process on its own', () => {
    expect(parseProcess('{"args":["ps"],"cwd":"/"}')).toEqual({ args: ['ps'], cwd: '/' });
    expect(findings(() => checkProcess({ args: ['a\0'], cwd: '', env: ['A'] }))).toEqual([
      'cwd: must be an absolute path',
      "env[0]: must be NAME=VALUE, but has no '='",
      'args[0]: must not contain NUL',
    ]);
    expect(messageOf(() => parseProcess('7'))).toBe('process.json: must be an object');
  });
});

describe('parseState', () => {
  it('applies the rules of runtime.md', () => {
    const text = '{"ociVersion":"1","id":"","status":"running","bundle":"b"}';
    expect(findings(() => parseState(text))).toEqual([
      'ociVersion: must be a SemVer 2.0.0 version, not "1"',
      'id: must not be empty',
      'bundle: must be an absolute path',
      'pid: is required while the status is running',
    ]);
    const ended = '{"ociVersion":"1.0.0","id":"a","status":"stopped","bundle":"/b","pid":-1}';
    expect(findings(() => parseState(ended))).toEqual(['pid: must not be negative']);
    const annotated = ended.replace('"pid":-1', '"annotations":{"":"a"}');
    expect(findings(() => parseState(annotated))).toEqual([
      'annotations[""]: must have a key that is not empty',
    ]);
  });
});

describe('parseFeatures', () => {
  it('takes null for an absent property', () => {
    const text = '{"ociVersionMin":"1.0.0","ociVersionMax":"1.3.0","linux":{"seccomp":null}}';
    expect(parseFeatures(text).linux).toEqual({});
  });

  it('compares the versions', () => {
    const text = '{"ociVersionMin":"1.10.0","ociVersionMax":"1.9.0"}';
    expect(findings(() => parseFeatures(text))).toEqual([
      'ociVersionMax: must not be less than ociVersionMin',
    ]);
  });

  it('knows the names of capabilities by their form', () => {
    const text = '{"ociVersionMin":"1.0.0","ociVersionMax":"1.0.0","linux":{"capabilities":["x"]}}';
    expect(findings(() => parseFeatures(text))).toEqual([
      'linux.capabilities[0]: must be a name such as CAP_CHOWN',
    ]);
  });
});

describe('toUint64 and toInt64', () => {
  it('widen, and undo the rounding of JSON.parse', () => {
    expect(toUint64(5)).toBe(5n);
    expect(toUint64(2 ** 64)).toBe(2n ** 64n - 1n);
    expect(toInt64(2 ** 63)).toBe(2n ** 63n - 1n);
    expect(toInt64(-1)).toBe(-1n);
  });
});
