import { describe, expect, it } from 'vitest';
import { methodCall, sequence } from '../../src/systemd/dbus/message.ts';
import {
  array,
  boolean,
  bytes,
  type DBusValue,
  double,
  hole,
  number,
  objectPath,
  signature,
  string,
  strings,
  struct,
  u32,
  u64,
  variant,
} from '../../src/systemd/dbus/values.ts';
import { Writer } from '../../src/systemd/dbus/writer.ts';
import { unmarshal } from './wire.ts';

function written(...values: readonly DBusValue[]): string {
  const writer = new Writer();
  for (const value of values) value.write(writer);
  return Buffer.from(writer.written.bytes).toString('hex');
}

const call = (body: readonly DBusValue[], serial = 7) =>
  methodCall({
    serial,
    destination: 'org.example.Service',
    path: '/org/example',
    interface: 'org.example.Interface',
    member: 'Method',
    body,
  });

describe('D-Bus values', () => {
  // Worked out by hand from the specification's section "Marshaling".
  it.each([
    ['05', [number('y', 5)]],
    ['feff', [number('n', -2)]],
    ['0100000002000000', [boolean(true), number('i', 2)]],
    ['01000000000000000000000000000080', [number('y', 1), u64(1n << 63n)]],
    ['000000000000f03f', [double(1)]],
    ['03000000666f6f00', [string('foo')]],
    ['03000000666f6f0001000000780000', [string('foo'), string('x'), number('y', 0)]],
    ['010000002f00', [objectPath('/')]],
    ['02617300', [signature('as')]],
    ['020000000102', [bytes(Uint8Array.of(1, 2))]],
    ['08000000010000000200000003000000', [array('u', [u32(1), u32(2)]), u32(3)]],
    ['0000000000000000', [array('t', [])]],
    ['08000000000000000500000000000000', [array('t', [u64(5)])]],
    ['01000000000000000200000003', [u32(1), struct(u32(2), number('y', 3))]],
    ['0175000005000000', [variant(u32(5))]],
    ['0162000001000000', [variant(boolean(true))]],
  ])('%s', (expected, values) => {
    expect(written(...values)).toBe(expected);
  });

  it('refuse what their type cannot hold', () => {
    expect(() => u32(-1)).toThrow('-1 does not fit the D-Bus type u');
    expect(() => u32(2 ** 32)).toThrow(RangeError);
    expect(() => number('i', 2 ** 31)).toThrow(RangeError);
    expect(() => u64(1n << 64n)).toThrow(RangeError);
    expect(() => string('a\0b')).toThrow(TypeError);
    expect(() => array('u', [string('x')])).toThrow('an array of u cannot hold s');
  });
});

describe('D-Bus messages', () => {
  it('are read by another implementation as what they were', () => {
    const body = [
      string('a'),
      array('(sv)', [
        struct(string('One'), variant(u64(2n ** 64n - 1n))),
        struct(string('Two'), variant(array('u', [u32(1), u32(2)]))),
        struct(string('Three'), variant(strings(['x', 'yy']))),
        struct(string('Four'), variant(array('(ss)', [struct(string('d'), string('rw'))]))),
        struct(string('Five'), variant(bytes(Uint8Array.of(0xf, 1)))),
        struct(string('Six'), variant(boolean(false))),
        struct(string('Seven'), variant(double(-0.5))),
      ]),
      array('(sa(sv))', []),
      u32(9),
    ];
    const { bytes: data } = call(body);
    const { message, bytes: length } = unmarshal(Buffer.from(data)) ?? {};
    expect(length).toBe(data.length);
    expect(message).toEqual({
      type: 1,
      flags: 0,
      serial: 7,
      fields: new Map<number, string>([
        [1, '/org/example'],
        [2, 'org.example.Interface'],
        [3, 'Method'],
        [6, 'org.example.Service'],
        [8, 'sa(sv)a(sa(sv))u'],
      ]),
      body: [
        'a',
        [
          ['One', { type: 't', value: 2n ** 64n - 1n }],
          ['Two', { type: 'au', value: [1, 2] }],
          ['Three', { type: 'as', value: ['x', 'yy'] }],
          ['Four', { type: 'a(ss)', value: [['d', 'rw']] }],
          ['Five', { type: 'ay', value: [0xf, 1] }],
          ['Six', { type: 'b', value: false }],
          ['Seven', { type: 'd', value: -0.5 }],
        ],
        [],
        9,
      ],
    });
  });

  it('of any length end where they say', () => {
    for (let length = 0; length < 20; length++) {
      const { bytes: data } = call([string('x'.repeat(length))]);
      expect(unmarshal(Buffer.from(data))?.bytes).toBe(data.length);
    }
  });

  it('without a body have no signature', () => {
    const { message } = unmarshal(Buffer.from(call([]).bytes)) ?? {};
    expect(message?.fields.has(8)).toBe(false);
  });

  it('know where their holes are, in a sequence too', () => {
    const { bytes: data, holes } = sequence([
      call([string('abc')]),
      call([string('ab'), array('u', [u32(1), hole])]),
      call([hole]),
    ]);
    expect(holes.length).toBe(2);
    const filled = Buffer.from(data);
    for (const place of holes) filled.writeUInt32LE(4242, place);
    const bodies = [];
    for (let rest = filled; rest.length > 0; ) {
      const { message, bytes: length } = unmarshal(rest) ?? { bytes: rest.length };
      bodies.push(message?.body);
      rest = rest.subarray(length);
    }
    expect(bodies).toEqual([['abc'], ['ab', [1, 4242]], [4242]]);
  });
});
