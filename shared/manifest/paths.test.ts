import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathFlaw, safeSegment, segmentFlaw, shallowPath } from './paths.ts';
import { name } from './testing/names.ts';

describe('names', () => {
  test.each([
    ['', 'empty'],
    ['.', 'dots'],
    ['..', 'dots'],
    ['a/b', 'slash'],
    ['/etc', 'slash'],
    ['a\\b', 'slash'],
    ['a\0b', 'control'],
    ['a\nb', 'control'],
    ['a\u007f', 'control'],
    ['a\u009f', 'control'],
    ['a.', 'trailing-dot-or-space'],
    ['a ', 'trailing-dot-or-space'],
    ['...', 'trailing-dot-or-space'],
    ['C:', 'drive-letter'],
    ['c:windows', 'drive-letter'],
    ['CON', 'device-name'],
    ['con.txt', 'device-name'],
    ['Nul .tar.gz', 'device-name'],
    ['aux:stream', 'device-name'],
    ['COM0', 'device-name'],
    ['com¹.log', 'device-name'],
    ['LPT³', 'device-name'],
    ['CONIN$', 'device-name'],
    ['conout$.x', 'device-name'],
    ['a\ud800', 'ill-formed'],
    ['é'.repeat(128), 'too-long'],
    ['x'.repeat(256), 'too-long'],
  ])('[MF6] refuses %j: %s', (text, flaw) => {
    expect(segmentFlaw(text)).toBe(flaw);
  });

  test.each([
    ...[
      'a',
      '.gitignore',
      ' leading',
      'a b',
      '...a',
      'ab: story',
      '10:30',
      'what?',
      '*',
      '"quoted"',
      '<b>',
      'a|b',
      'CONSOLE',
      'COM10',
    ],
    ...[
      'xcon',
      'null',
      'Ünïcode — π 100%.txt',
      'e\u0301',
      'إ\u202egpj.exe',
      'x'.repeat(255),
      '\u20ac'.repeat(85),
      '__proto__',
      'a;b',
    ],
  ])('[MF6] keeps %j', (text) => {
    expect(segmentFlaw(text)).toBeNull();
    expect(safeSegment(text)).toBe(text);
  });

  test('[MF6] a name of very many dots and spaces is judged and made safe at once', () => {
    const long = `${'. '.repeat(500_000)}x`;
    expect(segmentFlaw(long)).toBe('too-long');
    expect(pathFlaw(['a', long])).toBe('too-long');
    expect(segmentFlaw(safeSegment(long))).toBeNull();
    expect(safeSegment('. '.repeat(500_000))).toBe('_');
  });

  test('[MF6] a path has 1 to 32 names', () => {
    const deep = Array.from({ length: 33 }, () => 'a');
    expect(pathFlaw([])).toBe('empty');
    expect(pathFlaw(deep)).toBe('too-deep');
    expect(pathFlaw(deep.slice(1))).toBeNull();
    expect(pathFlaw(['a', '..', 'b'])).toBe('dots');
    expect(shallowPath([...deep, 'z'])).toEqual([...deep.slice(2), 'z']);
    expect(shallowPath(deep.slice(1))).toEqual(deep.slice(1));
  });

  test('[MF6] what was made safe is accepted, and made safe again it is the same', () => {
    fc.assert(
      fc.property(name, (text) => {
        const safe = safeSegment(text);
        expect(segmentFlaw(safe)).toBeNull();
        expect(safeSegment(safe)).toBe(safe);
        if (segmentFlaw(text) === null) expect(safe).toBe(text);
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['', '_'],
    ['..', '_'],
    ['a/b\\c', 'a_b_c'],
    ['C:\\Users', 'C__Users'],
    ['con.txt', '_con.txt'],
    ['report. ', 'report'],
    ['a\tb', 'a_b'],
    [`${'x'.repeat(300)}.jpeg`, `${'x'.repeat(250)}.jpeg`],
    [`con${' '.repeat(300)}x`, '_con'],
  ])('[MF6] makes %j into %j', (from, to) => {
    expect(safeSegment(from)).toBe(to);
  });
});
