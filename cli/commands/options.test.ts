import { describe, expect, test } from 'vitest';
import { Ended } from './exit.ts';
import { nearest, readCall } from './options.ts';
import type { Options } from './options.ts';

const OPTIONS: Options = {
  output: { kind: 'text', short: 'o', value: 'DIR', about: 'where' },
  name: { kind: 'text', about: 'what', empty: true },
  select: { kind: 'list', about: 'which' },
  qr: { kind: 'flag', about: 'a picture' },
  torrentinno: { kind: 'perhaps', value: 'PORT', about: 'TCP' },
};
const ONE = { least: 1, most: 1, what: 'one link' };

const read = (...args: string[]) => readCall(args, OPTIONS, ONE);

function faultOf(...args: string[]): string {
  try {
    read(...args);
  } catch (error) {
    if (error instanceof Ended && error.exit === 2) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('[HL2] arguments', () => {
  test('[HL2] options and operands stand in any order', () => {
    const call = read('-o', 'there', 'a-link', '--select', '*.jpg', '--select=*.png', '--qr');
    expect(call.first).toBe('a-link');
    expect(call.text('output')).toBe('there');
    expect(call.list('select')).toEqual(['*.jpg', '*.png']);
    expect([call.has('qr'), call.has('name'), call.text('name')]).toEqual([true, false, null]);
  });

  test('[HL2] behind -- everything is an operand', () => {
    expect(read('--', '--qr').first).toBe('--qr');
  });

  test('[HL2] an unknown option is refused, and the nearest is named', () => {
    expect(faultOf('x', '--slect', 'a')).toBe('There is no option --slect. Did you mean --select?');
    expect(faultOf('x', '--zzzzzzzz')).toBe('There is no option --zzzzzzzz.');
    expect(faultOf('x', '-x')).toBe('There is no option -x.');
    expect(faultOf('x', '--constructor')).toBe('There is no option --constructor.');
    expect(faultOf('x', '--no-qr')).toMatch(/^There is no option --no-qr/);
  });

  test('[HL2] a value that is missing, empty, or the next option is refused', () => {
    expect(faultOf('x', '-o')).toBe('-o needs a value.');
    expect(faultOf('x', '--output=')).toBe('--output needs a value, and what it got is empty.');
    expect(faultOf('x', '--output', '')).toMatch(/empty/);
    expect(faultOf('x', '--output', '--qr')).toMatch(
      /^--output needs a value\. If it begins with a dash, write --output=--qr/,
    );
    expect(read('x', '--output=--qr').text('output')).toBe('--qr');
    expect(read('x', '--name', '').text('name')).toBe('');
    expect(read('x', '--name', '-1').text('name')).toBe('-1');
  });

  test('[HL2] a flag takes no value, and one value is not given twice', () => {
    expect(faultOf('x', '--qr=yes')).toBe('--qr takes no value.');
    expect(faultOf('x', '-o', 'a', '-o', 'b')).toBe('-o is there twice. Give it once.');
  });

  test('[HL2] operands are counted', () => {
    expect(faultOf()).toBe('Say one link.');
    expect(faultOf('a', 'b')).toBe('There is more than one link here: "b" is not expected.');
    expect(faultOf('')).toMatch(/empty/);
  });

  test('[HL12] a port may stand behind --torrentinno, or nothing', () => {
    expect(read('a', '--torrentinno').text('torrentinno')).toBeNull();
    expect(read('a', '--torrentinno').has('torrentinno')).toBe(true);
    expect(read('a', '--torrentinno', '8123').text('torrentinno')).toBe('8123');
    expect(read('--torrentinno=8123', 'a').text('torrentinno')).toBe('8123');
    expect(read('--torrentinno', 'a').first).toBe('a');
  });

  test('[HL2] what is nothing like a word is not taken for it', () => {
    expect(nearest('sarch', ['search', 'share'])).toBe('search');
    expect(nearest('sear', ['share', 'seed', 'search'])).toBe('search');
    expect(nearest('x'.repeat(100_000), ['search'])).toBeNull();
  });
});
