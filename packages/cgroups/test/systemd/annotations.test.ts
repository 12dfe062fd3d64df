import { describe, expect, it } from 'vitest';
import { annotationProperties, checkAnnotations } from '../../src/systemd/annotations.ts';
import { parseVariant } from '../../src/systemd/gvariant.ts';
import { read, readProperties } from './read-value.ts';

describe('GVariant texts', () => {
  // https://docs.gtk.org/glib/gvariant-text-format.html
  it.each([
    ['true', 'b', true],
    ['5', 'i', 5],
    ['-5', 'i', -5],
    ['0xff', 'i', 255],
    ['1.5', 'd', 1.5],
    ['byte 7', 'y', 7],
    ['uint32 7', 'u', 7],
    ['uint64 18446744073709551615', 't', 2n ** 64n - 1n],
    ['@t 7', 't', 7n],
    ['boolean false', 'b', false],
    ["'a b'", 's', 'a b'],
    ['"it\'s"', 's', "it's"],
    ["'it\\'s\\n'", 's', "it's\n"],
    ["objectpath '/a'", 'o', '/a'],
    ["['a', 'b']", 'as', ['a', 'b']],
    ['@as []', 'as', []],
    ['[uint64 1, 2]', 'at', [1n, 2n]],
    ['@au [1]', 'au', [1]],
    [" ( 'a' , uint64 1 ) ", '(st)', ['a', 1n]],
    ["[('a', true)]", 'a(sb)', [['a', true]]],
    ['[[1], [2]]', 'aai', [[1], [2]]],
  ])('%s', (text, type, value) => {
    expect(read(parseVariant(text))).toEqual({ type, value });
  });

  it.each([
    ['', 'expected a value at character 1'],
    ['words', 'expected a value at character 6'],
    ["'open", 'expected a value at character 1'],
    ['1 2', 'expected the end at character 3'],
    ['[]', 'expected a value, or a type such as @as before at character 3'],
    ["[1, 'a']", 'expected a value of type i at character 8'],
    ['[1 2]', 'expected , or ] at character 4'],
    ['uint64 true', 'expected a value of type t at character 12'],
    ["uint32 'x'", 'expected a value of type u at character 11'],
    ['{"a": 1}', 'expected a value at character 1'],
    ['<1>', 'expected a value at character 1'],
    ['@a{sv} {}', 'expected a type at character 2'],
  ])('%j is refused', (text, message) => {
    expect(() => parseVariant(text)).toThrow(new SyntaxError(message));
  });

  it('keep to the range of their type', () => {
    expect(() => parseVariant('byte 256')).toThrow(RangeError);
    expect(() => parseVariant('3000000000')).toThrow('3000000000 does not fit the D-Bus type i');
  });
});

describe('properties of annotations', () => {
  const properties = (annotations: Record<string, string>) =>
    readProperties(annotationProperties({ annotations }));

  it('are those with the prefix', () => {
    expect(annotationProperties({})).toEqual([]);
    expect(
      properties({
        'org.systemd.property.TimeoutStopUSec': 'uint64 123456789',
        'org.systemd.property.CollectMode': "'inactive-or-failed'",
        'org.systemd.propertyX': 'true',
        other: 'true',
      }),
    ).toEqual({
      TimeoutStopUSec: { type: 't', value: 123456789n },
      CollectMode: { type: 's', value: 'inactive-or-failed' },
    });
  });

  it('are in microseconds where they are named for seconds', () => {
    expect(
      properties({
        'org.systemd.property.TimeoutStopSec': '10',
        'org.systemd.property.RuntimeMaxSec': 'double 1.5',
      }),
    ).toEqual({
      TimeoutStopUSec: { type: 't', value: 10_000_000n },
      RuntimeMaxUSec: { type: 't', value: 1_500_000n },
    });
  });

  it('are refused by their path', () => {
    const annotations = {
      'org.systemd.property.CollectMode': 'inactive',
      'org.systemd.property.TimeoutStopSec': "'soon'",
      'org.systemd.property.X-Y': 'true',
      'org.systemd.property.Byte': 'byte 300',
      'org.systemd.property.Fine': 'true',
      other: '(',
    };
    expect(checkAnnotations({ annotations })).toEqual([
      {
        path: 'annotations["org.systemd.property.CollectMode"]',
        message: '"inactive" is not a GVariant text: expected a value at character 9',
      },
      {
        path: 'annotations["org.systemd.property.TimeoutStopSec"]',
        message: '"\'soon\'" is not a GVariant text: expected a number of seconds',
      },
      {
        path: 'annotations["org.systemd.property.X-Y"]',
        message: '"X-Y" is not the name of a systemd property',
      },
      {
        path: 'annotations["org.systemd.property.Byte"]',
        message: '"byte 300" is not a GVariant text: 300 does not fit the D-Bus type y',
      },
    ]);
    expect(checkAnnotations({})).toEqual([]);
  });
});
