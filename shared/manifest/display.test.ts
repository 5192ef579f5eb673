import { describe, expect, test } from 'vitest';
import { INVISIBLE_NAMES } from '../testing/invisible.ts';
import { displayName, displayText } from './display.ts';
import { savedName } from './saved-paths.ts';

describe('what is shown', () => {
  test.each([
    ['photo\u202egpj.exe', 'photo\ufffdgpj.exe'],
    ['a\u2066b\u2069', 'a\ufffdb\ufffd'],
    ['a\u200bb\ufeffc\u00add', 'abcd'],
    ['a\u200db', 'ab'],
    ['a\nb\0\u009b', 'a\ufffdb\ufffd\ufffd'],
    ['a\ud800', 'a\ufffd'],
    ['a\ufe0f.txt', 'a.txt'],
    ['x\u{e0041}\u{e0020}', 'x'],
    ['a\u2028b', 'a\ufffdb'],
    ['a\u2800b', 'ab'],
    ['a\u{13430}b\ufffc', 'ab'],
    ['\u0301a b\u0301 \u0301c', 'a b\u0301 c'],
    [`a${'\u0301'.repeat(200)}`, `a${'\u0301'.repeat(8)}`],
    ['', '(no name)'],
  ])('[MF6] of %j is %j', (name, shown) => {
    expect(displayName(name)).toBe(shown);
  });

  test.each([
    'Ünïcode — π 100%.txt',
    '日本語.txt',
    'שלום.txt',
    'e\u0301',
    '👩‍🚀 ❤️',
    '👨🏽‍💻',
    'می\u200cخواهم',
    ' a  b',
    'ශ්\u200dරී',
    'क्\u200dष',
    '⠓⠊⠀⠞⠓⠑⠗⠑',
    '1️⃣',
    '\u0600١٢',
  ])('[MF6] of %j is itself', (name) => {
    expect(displayName(name)).toBe(name);
  });

  test.each(INVISIBLE_NAMES)('[MF6] of %s is a stand-in', (_kind, name) => {
    expect(displayName(name)).toBe('(no name)');
    expect(savedName(name)).toBe('_');
  });

  test('[MF8] a comment keeps its lines', () => {
    expect(displayText('one\r\ntwo\tthree\u0007\u202e\u2029')).toBe('one\ntwo\tthree\ufffd\ufffd\n');
    expect(displayText('')).toBe('');
  });
});
