import { describe, expect, it } from 'vitest';
import { formatNumber } from '../../../src/table/looking/formats.ts';

// What Python's format() gives for the same specs.
describe('a number by a format', () => {
  it.each([
    [1234567.891, ',', '1,234,567.891'],
    [1234567.891, ',.2f', '1,234,567.89'],
    [1234567.891, '.0f', '1234568'],
    [-0.126, '.1%', '-12.6%'],
    [1234.5, ',.0%', '123,450%'],
    [0.5, 'f', '0.500000'],
  ])('%d as %s is %s', (number, spec, text) => {
    expect(formatNumber(number, spec)).toBe(text);
  });

  it('has the exponent of JavaScript', () => {
    expect(formatNumber(12345, '.2e')).toBe('1.23e+4');
  });

  it.each(['', '<b>', '.2g', '.200f'])('says nothing to %s', (spec) => {
    expect(formatNumber(1, spec)).toBeUndefined();
  });
});
