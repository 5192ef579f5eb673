import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8Length } from '../utf8.ts';
import { distinctPaths, firstClash, nameKey, pathFlaw, safePath, safeSegment, segmentFlaw } from './paths.ts';

/** Names made of what the rules are about. */
const fragments = fc.constantFrom(
  ...[
    '.',
    '..',
    ' ',
    '/',
    '\\',
    ':',
    'C:',
    'con',
    'NUL',
    'com¹',
    'LPT9',
    'CONIN$',
    'aux',
    '.txt',
    '.tar.gz',
    'a',
    'B',
    'é',
    'ß',
    '😀',
  ],
  ...[
    '\0',
    '\n',
    '\u007f',
    '\u0085',
    '\ud800',
    '\udc00',
    'x'.repeat(120),
    '€'.repeat(84),
    ' '.repeat(250),
    '_',
    '\u0301',
    'İ',
  ],
);
const name = fc.oneof(
  fc.array(fragments, { maxLength: 6 }).map((parts) => parts.join('')),
  fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
);
const paths = fc.array(fc.array(name, { maxLength: 4 }), { maxLength: 12 });
/** Few names, so that they meet often. */
const meeting = fc.array(
  fc.array(
    fc.constantFrom(
      'a',
      'A',
      'b',
      'a (2)',
      'a.txt',
      'A.TXT',
      'e\u0301',
      '\u00e9',
      'É',
      'x'.repeat(255),
      'X'.repeat(255),
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  { maxLength: 14 },
);

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

  test('[MF6] a path has 1 to 32 names', () => {
    const deep = Array.from({ length: 33 }, () => 'a');
    expect(pathFlaw([])).toBe('empty');
    expect(pathFlaw(deep)).toBe('too-deep');
    expect(pathFlaw(deep.slice(1))).toBeNull();
    expect(pathFlaw(['a', '..', 'b'])).toBe('dots');
    expect(safePath(deep)).toHaveLength(32);
    expect(safePath([])).toEqual(['_']);
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

describe('paths of one share', () => {
  test.each([
    [[['a'], ['a']], ['a']],
    [[['a'], ['A']], ['A']],
    [[['straße'], ['STRASSE']], ['STRASSE']],
    [[['\u00e9'], ['e\u0301']], ['e\u0301']],
    [
      [['a'], ['a', 'b']],
      ['a', 'b'],
    ],
    [[['a', 'b'], ['A']], ['A']],
    [
      [
        ['a', 'b'],
        ['A', 'c'],
        ['a', 'd'],
      ],
      null,
    ],
    [
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
      null,
    ],
    [[['__proto__'], ['constructor', 'x']], null],
  ])('[MF6] of %j meets: %j', (list, clash) => {
    expect(firstClash(list)).toEqual(clash);
  });

  test('[MF6] agrees with comparing every pair', () => {
    const key = (path: readonly string[]) => path.map(nameKey);
    const meet = (one: readonly string[], other: readonly string[]) => {
      const [short, long] = one.length <= other.length ? [key(one), key(other)] : [key(other), key(one)];
      return short.every((part, at) => part === long[at]);
    };
    fc.assert(
      fc.property(meeting, (list) => {
        const pairwise = list.some((one, at) => list.slice(at + 1).some((other) => meet(one, other)));
        expect(firstClash(list) !== null).toBe(pairwise);
      }),
      { numRuns: 500 },
    );
  });

  test('[MF6] made safe and distinct, every share is accepted, in order, and stays so', () => {
    fc.assert(
      fc.property(fc.oneof(paths, meeting), (list) => {
        const distinct = distinctPaths(list.map(safePath));
        expect(distinct).toHaveLength(list.length);
        for (const path of distinct) expect(pathFlaw(path)).toBeNull();
        expect(firstClash(distinct)).toBeNull();
        expect(distinctPaths(distinct)).toEqual(distinct);
      }),
      { numRuns: 500 },
    );
  });

  test('[MF6] the first keeps its name, folders keep theirs, the extension stays', () => {
    const list = [
      ['a.txt'],
      ['A.txt'],
      ['a.txt'],
      ['f'],
      ['f', 'x'],
      ['a (2).txt'],
      ['x'.repeat(251) + '.txt'],
      ['X'.repeat(251) + '.txt'],
    ];
    const distinct = distinctPaths(list);
    expect(distinct.slice(0, 6)).toEqual([
      ['a.txt'],
      ['A (2).txt'],
      ['a (3).txt'],
      ['f (2)'],
      ['f', 'x'],
      ['a (2) (2).txt'],
    ]);
    expect(distinct[7]).toEqual([`${'X'.repeat(247)} (2).txt`]);
    expect(utf8Length(distinct[7]![0]!)).toBe(255);
  });

  test('[MF6] ten thousand files of one name get ten thousand names, soon', () => {
    const distinct = distinctPaths(Array.from({ length: 10_000 }, () => ['same.bin']));
    expect(new Set(distinct.map((path) => path.join('/'))).size).toBe(10_000);
    expect(distinct.at(-1)).toEqual(['same (10000).bin']);
  });
});
