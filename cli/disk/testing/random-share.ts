/** Shares of any shape: files of many sizes, none among them, pieces of many sizes over all of them. */
import type { Random } from '../../../shared/random.ts';
import { makeShare, someBytes } from './made-share.ts';
import type { MadeShare } from './made-share.ts';

export function randomShare(random: Random): MadeShare {
  const files = Array.from({ length: 1 + random.below(12) }, (_, nth) => {
    const size = random.below(5) === 0 ? 0 : 1 + random.below(60_000);
    const folder = ['', 'x/', 'x/y/'][random.below(3)] ?? '';
    return { path: `Share/${folder}${nth}.bin`, bytes: someBytes(size, random.below(1_000)) };
  });
  const pieceBytes = Array.from({ length: 400 }, () => 1 + random.below(20_000));
  return makeShare(files, { name: 'Share', pieceBytes });
}

export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items];
  const mixed: Item[] = [];
  while (left.length > 0) mixed.push(...left.splice(random.below(left.length), 1));
  return mixed;
}
