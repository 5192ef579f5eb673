import { describe, expect, test } from 'vitest';
import type { BlockSource } from './block-sources.ts';
import { MOST_READ_AHEAD } from './limits.ts';
import { ReadAhead } from './read-ahead.ts';

/** A source whose readings end when the test says so. */
class Slow implements BlockSource {
  readonly isStored = true;
  readonly begun: number[] = [];
  readonly ends: (() => void)[] = [];

  async read(): Promise<never> {
    throw new Error('nothing is served here');
  }

  readAhead(piece: number): Promise<void> {
    this.begun.push(piece);
    return new Promise((end) => this.ends.push(end));
  }
}

describe('reading ahead', () => {
  test('[UP8] few pieces at a time, and others again when one is here', async () => {
    const source = new Slow();
    const ahead = new ReadAhead(source);
    const reading = Array.from({ length: MOST_READ_AHEAD + 2 }, (_, piece) => ahead.read(piece, ''));
    expect(source.begun).toEqual(Array.from({ length: MOST_READ_AHEAD }, (_, piece) => piece));
    source.ends[0]?.();
    await reading[0];
    void ahead.read(9, '');
    expect(source.begun.at(-1)).toBe(9);
  });

  test('[UP8] a source that reads nothing before it is asked for is not asked', async () => {
    const source: BlockSource = {
      isStored: false,
      read: () => Promise.reject(new Error('asked after all')),
    };
    await new ReadAhead(source).read(1, '');
  });
});
