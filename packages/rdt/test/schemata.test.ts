import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { type Allotment, checkRdt, parseSchema } from '../src/index.ts';
import { SchemataScanner } from '../src/schemata-scanner.ts';
import { configWith } from './config.ts';

describe('parseSchema', () => {
  it('reads masks as hexadecimal and bandwidths as decimal', () => {
    expect(parseSchema('L3:0=7f0;1=0x1F')).toEqual([
      { resource: 'L3', domain: 0, value: 0x7f0n },
      { resource: 'L3', domain: 1, value: 0x1fn },
    ]);
    expect(parseSchema('  MB: 0 = 020 ; 12=70 ')).toEqual([
      { resource: 'MB', domain: 0, value: 20n },
      { resource: 'MB', domain: 12, value: 70n },
    ]);
    expect(parseSchema('SMBA:0=2048')?.[0]?.value).toBe(2048n);
    expect(parseSchema('L2CODE:0=10')?.[0]?.value).toBe(16n);
  });

  it.each([
    '',
    'L3',
    'L3:',
    'L3:0',
    'L3:0=',
    'L3:0=xyz',
    'MB:0=1f',
    'L3:a=1',
    'L3:0=1;',
    'L3:0=1,1=2',
  ])('knows %j for none', (line) => expect(parseSchema(line)).toBeUndefined());
});

describe('SchemataScanner', () => {
  /** Which of the expected allotments are not in a text. */
  function missing(text: string, ...expected: string[]): string[] {
    const kernel = new FakeKernel();
    const memory = kernel.memory('schemata', Buffer.byteLength(text) + 8);
    memory.bytes.write(text);
    const allotments = expected.flatMap((line) => parseSchema(line) ?? []);
    const scanner = new SchemataScanner(kernel, memory, Buffer.byteLength(text), allotments);
    scanner.scan();
    const lost: Allotment[] = [];
    for (const each of allotments) scanner.whenMissing(each, () => lost.push(each));
    return lost.map(({ resource, domain }) => `${resource}:${domain}`);
  }

  const text = '    MB:0= 100;1=  20\n    L3:0=007ff;1=0001f\nL3CODE:0=ff\n';

  it('finds numbers however they are padded or spelled', () => {
    expect(missing(text, 'L3:0=7ff;1=1f', 'MB:1=20;0=100', 'L3CODE:0=0xFF')).toEqual([]);
    expect(missing('L3:0=ABC\n', 'L3:0=abc')).toEqual([]);
    expect(missing('L3:0=1', 'L3:0=1')).toEqual([]);
  });

  it('finds what is otherwise, or not there', () => {
    expect(missing(text, 'L3:0=7fe;1=1f;2=1', 'MB:0=20;1=20', 'L2:0=1')).toEqual([
      'L3:0',
      'L3:2',
      'MB:0',
      'L2:0',
    ]);
    expect(missing('', 'L3:0=1')).toEqual(['L3:0']);
    expect(missing('L3:\nL3:0\nL3:0=\nL3;0=1\nXL3:0=1\n\n:0=1', 'L3:0=1')).toEqual(['L3:0']);
  });

  it('does not take one resource for another', () => {
    expect(missing('L3CODE:0=1\nL3DATA:0=2\n', 'L3:0=1')).toEqual(['L3:0']);
    expect(missing('L3:0=1\n', 'L3CODE:0=1')).toEqual(['L3CODE:0']);
    expect(missing('MB:0=10\n', 'L3:0=10')).toEqual(['L3:0']);
  });

  it('reads masks of 64 bits', () => {
    expect(missing('L3:0=fffffff\n', 'L3:0=fffffff')).toEqual([]);
    expect(missing('L3:0=ffffffff\n', 'L3:0=fffffff')).toEqual(['L3:0']);
  });
});

describe('checkRdt', () => {
  const issues = (rdt?: Parameters<typeof configWith>[0]) =>
    checkRdt(configWith(rdt)).map(({ path, message }) => `${path}: ${message}`);

  it('finds nothing where nothing is asked for, or all is well', () => {
    expect(issues()).toEqual([]);
    expect(issues({})).toEqual([]);
    expect(issues({ closID: '/', schemata: ['L3:0=f'], enableMonitoring: true })).toEqual([]);
    // A resource of a kernel to come: it is for the kernel to judge.
    expect(issues({ schemata: ['NEW:0=a,b'] })).toEqual([]);
  });

  it('refuses names that resctrl has taken', () => {
    for (const closID of ['info', 'mon_data', 'mon_groups']) {
      expect(issues({ closID })).toEqual([
        `linux.intelRdt.closID: ${closID} is a directory of resctrl itself`,
      ]);
    }
  });

  it('refuses lines that are empty, or cannot be compared', () => {
    expect(issues({ schemata: ['L3:0=f', ' '] })).toEqual([
      'linux.intelRdt.schemata[1]: must not be empty',
    ]);
    expect(issues({ closID: 'x', schemata: ['NEW:0=a,b'], memBwSchema: 'MB:0' })).toEqual([
      expect.stringMatching(/^linux\.intelRdt\.memBwSchema: cannot be compared/),
      expect.stringMatching(/^linux\.intelRdt\.schemata\[0\]: cannot be compared/),
    ]);
  });
});
