import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseSignal } from '../../src/store/signals.ts';

describe('parseSignal', () => {
  it.each(Object.entries(constants.signals))('knows %s by its name and number', (name, number) => {
    expect(parseSignal(name)).toBe(number);
    expect(parseSignal(name.slice(3))).toBe(number);
    expect(parseSignal(name.toLowerCase())).toBe(number);
    expect(parseSignal(String(number))).toBe(number);
  });

  it.each([
    ['0', 0],
    ['64', 64],
    ['RTMIN', 34],
    ['SIGRTMIN+1', 35],
    ['rtmin+15', 49],
    ['RTMIN+30', 64],
    ['RTMAX', 64],
    ['RTMAX-14', 50],
    ['RTMAX-30', 34],
    ['CLD', 17],
  ])('reads %s as %i', (text, number) => {
    expect(parseSignal(text)).toBe(number);
  });

  it.each([
    ...['', 'SIG', 'BAD', 'SIGSIGKILL', '-1', '65', '99', '1.5', '0x9', ' 9', '9999'],
    ...['RTMIN+31', 'RTMAX-31', 'RTMIN-1', 'RTMAX+1', 'RTMIN+', 'RTMIN+x', 'constructor'],
  ])('does not know %j', (text) => {
    expect(() => parseSignal(text)).toThrow(`unknown signal ${JSON.stringify(text)}`);
  });
});
