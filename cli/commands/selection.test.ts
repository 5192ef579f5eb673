import { describe, expect, test } from 'vitest';
import { Ended } from './exit.ts';
import { selected } from './selection.ts';

const PATHS = [
  'Holiday/a.jpg',
  'Holiday/sub/b.JPG',
  'Holiday/sub/.hidden.jpg',
  'Holiday/notes [1].txt',
  'Holiday/c.mkv',
];
const files = PATHS.map((path) => ({ path: path.split('/'), size: 1 }));
const chosen = (...patterns: string[]): (string | undefined)[] =>
  selected({ files }, patterns).map((nth) => PATHS[nth]);

describe('[HL14] --select', () => {
  test.each<[string[], string[]]>([
    [['*.jpg'], ['Holiday/a.jpg', 'Holiday/sub/.hidden.jpg']],
    [['*.{jpg,JPG}'], ['Holiday/a.jpg', 'Holiday/sub/b.JPG', 'Holiday/sub/.hidden.jpg']],
    [['Holiday/*'], ['Holiday/a.jpg', 'Holiday/notes [1].txt', 'Holiday/c.mkv']],
    [['sub/**'], ['Holiday/sub/b.JPG', 'Holiday/sub/.hidden.jpg']],
    [
      ['Holiday/**', '!*.jpg'],
      ['Holiday/sub/b.JPG', 'Holiday/notes [1].txt', 'Holiday/c.mkv'],
    ],
    [
      ['!*.jpg', '!*.JPG'],
      ['Holiday/notes [1].txt', 'Holiday/c.mkv'],
    ],
    [
      ['*.txt', 'c.mkv'],
      ['Holiday/notes [1].txt', 'Holiday/c.mkv'],
    ],
    [[String.raw`notes \[1\].txt`], ['Holiday/notes [1].txt']],
    [['../**'], []],
    [['nothing'], []],
  ])('[HL14] %j', (patterns, expected) => {
    expect(chosen(...patterns)).toEqual(expected);
  });

  test('[HL14] what is no pattern is refused', () => {
    expect(() => chosen('!')).toThrow(Ended);
    expect(() => chosen('x'.repeat(1_001))).toThrow(/--select takes a pattern/);
  });

  test('[HL14] one that would take for ever with a name is given up, and says so', () => {
    const long = [{ path: ['a'.repeat(200)], size: 1 }];
    expect(() => selected({ files: long }, ['*a*a*a*a*a*a*a*a*b'], 50)).toThrow(/fewer stars/);
  });
});
