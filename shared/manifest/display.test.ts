import { describe, expect, test } from 'vitest';
import { displayName, displayText } from './display.ts';

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
  ])('[MF6] of %j is itself', (name) => {
    expect(displayName(name)).toBe(name);
  });

  test('[MF8] a comment keeps its lines', () => {
    expect(displayText('one\r\ntwo\tthree\u0007\u202e')).toBe('one\ntwo\tthree\ufffd\ufffd');
  });
});
