/** [WS3] [WS34] How many ranges of one server are out at a time. */
import { expect, test } from 'vitest';
import { RangeWindow } from './range-window.ts';

test('[WS34] one that refuses is asked for fewer, also where parts are out beside four ranges', () => {
  const window = new RangeWindow();
  expect([window.most, window.mostWithParts]).toEqual([4, 6]);
  expect(window.refused('unreachable', 5)).toBe(true);
  expect([window.most, window.mostWithParts]).toEqual([3, 3]);
  expect(window.refused('busy', 1)).toBe(true);
  expect(window.most).toBe(1);
  expect(window.refused('busy', 0)).toBe(false);
  for (let nth = 0; nth < 4; nth++) window.cameWhole();
  expect(window.most).toBe(2);
});
