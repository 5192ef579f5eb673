import { describe, expect, it } from 'vitest';
import { mapSentence } from './in-depth-rows.ts';

describe('[UI24] what is said of the piece map', () => {
  it.each([
    [[2, 0, 0], [0, 1, 1], false, '1 of 3 pieces are here. All others can be fetched now.'],
    [
      [2, 0, 0],
      [0, 1, 0],
      false,
      '1 of 3 pieces are here. 1 of the others are with nobody who is connected.',
    ],
    [[2, 2, 2], [1, 1, 2], false, '3 of 3 pieces are here. All of them can be had elsewhere, too.'],
    [
      [2, 2, 2],
      [1, 0, 2],
      true,
      '3 of 3 pieces are here. Those who are connected do not have all of them yet.',
    ],
    [[2, 0], [], false, '1 of 2 pieces are here.'],
    [[], [], false, 'There are no pieces.'],
  ])('%j with %j copies', (pieces, copies, isOwn, said) => {
    expect(mapSentence(Uint8Array.from(pieces), Uint8Array.from(copies), isOwn)).toBe(said);
  });
});
