/**
 * What each share takes ([ST12]), as a counter for each that changes with its pieces, so that nobody has to read them
 * to know. All places of one content are in one segment ([ST9]): what a segment's directory lists says what of it
 * several shares have. Pure functions on what directories list.
 */
import type { Listed, Usage } from './schema.ts';

const NONE: Usage = { bytes: 0, sharedBytes: 0, partBytes: 0 };

/** By info-hash. */
export class Usages {
  readonly #usages = new Map<string, Usage>();

  /** With what a segment lists; `sign` −1: without it. */
  count(pieces: readonly Listed[], sign: 1 | -1): void {
    const contents = new Map<number, { size: number; shares: Set<string> }>();
    for (const [infoHash, , offset, size] of pieces) {
      const content = contents.get(offset) ?? { size, shares: new Set() };
      contents.set(offset, content);
      content.shares.add(infoHash);
    }
    for (const { size, shares } of contents.values()) {
      const bytes = sign * size;
      const usage = { bytes, sharedBytes: shares.size > 1 ? bytes : 0, partBytes: bytes / shares.size };
      for (const infoHash of shares) this.#usages.set(infoHash, added(this.#usages.get(infoHash), usage));
    }
  }

  of(infoHash: string): Usage {
    return this.#usages.get(infoHash) ?? NONE;
  }

  clear(): void {
    this.#usages.clear();
  }

  /** But for those that are none. */
  *[Symbol.iterator](): Generator<[infoHash: string, usage: Usage]> {
    for (const entry of this.#usages) if (!isSameUsage(entry[1], NONE)) yield entry;
  }
}

export function isSameUsage(one: Usage, other: Usage): boolean {
  return (
    one.bytes === other.bytes && one.sharedBytes === other.sharedBytes && one.partBytes === other.partBytes
  );
}

export function added(one: Usage = NONE, other: Usage): Usage {
  return {
    bytes: one.bytes + other.bytes,
    sharedBytes: one.sharedBytes + other.sharedBytes,
    partBytes: one.partBytes + other.partBytes,
  };
}

/** What all of them take, content that several have counted once. */
export function bytesOfAll(usages: readonly Usage[]): number {
  return Math.round(usages.reduce((sum, { partBytes }) => sum + partBytes, 0));
}
