import { expect, test } from 'vitest';
import { findLink } from './find-link.ts';
import { linkFragment } from './link.ts';
import { infoHash } from '../ids.ts';
import { MOST_UNESCAPED, unescaped } from './unescaped.ts';

const id = infoHash('5c'.repeat(32));
const link = id === null ? '' : `#${linkFragment(id)}`;

test('[LK4] escapes are undone up to a bound, and what stands behind it is left as it is', () => {
  const escapes = '%41'.repeat(MOST_UNESCAPED);
  const plain = unescaped(escapes);
  const undone = Math.floor(MOST_UNESCAPED / 3);
  expect(plain.startsWith('A'.repeat(undone))).toBe(true);
  expect(plain.slice(undone)).toBe(escapes.slice(3 * undone));
});

test('[LK4] a link is found behind four megabytes of escapes, and one that is escaped before them', () => {
  const escapes = '%2541 '.repeat(700_000);
  expect(findLink(`${escapes}${link}`)).toEqual({ kind: 'link', infoHash: id });
  expect(findLink(`%23${link.slice(1)} ${escapes}`)).toEqual({ kind: 'link', infoHash: id });
});
