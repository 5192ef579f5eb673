/** [ST12] What shares take: content that several pieces have counts once, and what other shares have, too, is told. Pure. */
import type { InfoHash } from '../../shared/ids.ts';
import type { StoreUsage } from '../../shared/peer/piece-store.ts';

interface Content {
  readonly sha256: string;
  readonly bytes: number;
}

export function usageOf(shares: readonly (readonly [InfoHash, readonly Content[]])[]): StoreUsage {
  const users = new Map<string, number>();
  const own = shares.map(([infoHash, contents]) => {
    const once = new Map(contents.map(({ sha256, bytes }) => [sha256, bytes]));
    for (const sha256 of once.keys()) users.set(sha256, (users.get(sha256) ?? 0) + 1);
    return [infoHash, once] as const;
  });
  let all = 0;
  const counted = own.map(([infoHash, once]) => {
    let [bytes, sharedBytes, fraction] = [0, 0, 0];
    for (const [sha256, size] of once) {
      const count = users.get(sha256) ?? 1;
      bytes += size;
      if (count > 1) sharedBytes += size;
      else fraction += size;
    }
    all += fraction;
    return { infoHash, bytes, sharedBytes };
  });
  const several = new Map(
    own.flatMap(([, once]) => [...once].filter(([sha256]) => (users.get(sha256) ?? 1) > 1)),
  );
  for (const bytes of several.values()) all += bytes;
  return { bytes: all, shares: counted };
}
