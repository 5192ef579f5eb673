/**
 * Seeded pseudo-random numbers for every decision the machine makes by chance: sfc32 (Chris Doty-Humphrey's
 * "small fast counting" generator, 128 bits of state, passes PractRand). Not for secrets: ids and salts come
 * from the platform's cryptographic source.
 */
export interface Random {
  /** A whole number in [0, 2^32). */
  uint32(): number;
  /** A whole number in [0, bound), without modulo bias. `bound` in 1..2^32. */
  below(bound: number): number;
  /** A number in [0, 1) of 32 random bits. */
  fraction(): number;
}

export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9 ^ seed;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let counter = 1;
  const uint32 = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return result >>> 0;
  };
  for (let warmUp = 0; warmUp < 15; warmUp++) uint32();
  const below = (bound: number): number => {
    const fair = 0x1_0000_0000 - (0x1_0000_0000 % bound);
    let drawn = uint32();
    while (drawn >= fair) drawn = uint32();
    return drawn % bound;
  };
  return { uint32, below, fraction: () => uint32() / 0x1_0000_0000 };
}

/** Fisher and Yates: shuffles in place and returns the same array. */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const chosen = random.below(last + 1);
    [items[last], items[chosen]] = [items[chosen] as T, items[last] as T];
  }
  return items;
}
