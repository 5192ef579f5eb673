import { describe, expect, test } from 'vitest';
import { pieceSizes } from '../geometry.ts';
import type { BlockRange } from '../protocol/frames.ts';
import type { RangeTrouble } from '../engine/io.ts';
import { OriginSource } from './origin-source.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { MemoryOrigin } from './testing/memory-origin.ts';
import { someBytes } from './testing/test-peer.ts';

const CONTENT = someBytes(300_000);
const PIECES = pieceSizes(CONTENT.length, 65_536).map((size) => ({ sha256: '', size }));

function sourceOver(ahead: readonly BlockRange[] = []) {
  const clock = new FakeClock();
  const origin = new MemoryOrigin(clock, CONTENT);
  const ended: RangeTrouble[] = [];
  const source = new OriginSource({
    ...{ url: 'https://mirror.example/a', size: CONTENT.length, validator: '"a"', pieces: PIECES },
    ...{ web: origin, clock, ahead: () => ahead, came: () => undefined },
    ended: (why) => ended.push(why),
  });
  return { clock, origin, source, ended };
}

const block = (from: number, length = 16_384) => ({
  kind: 'block',
  bytes: CONTENT.slice(from, from + length),
});

describe('[WS34] blocks of a server', () => {
  test('[WS34] that run on from each other are one range, over the ends of pieces, too', async () => {
    const { clock, origin, source } = sourceOver();
    const reads = [source.read(0, 49_152, 16_384), source.read(1, 0, 16_384), source.read(3, 0, 16_384)];
    await clock.advance(20);
    expect(await Promise.all(reads)).toEqual([block(49_152), block(65_536), block(196_608)]);
    expect(origin.orders.map(({ from, length, validator }) => [from, length, validator])).toEqual([
      [49_152, 32_768, '"a"'],
      [196_608, 16_384, '"a"'],
    ]);
  });

  test('[WS34] are fetched once for all who read them meanwhile, and along with what will be read next', async () => {
    const ahead = [{ piece: 0, offset: 16_384, length: 16_384 }];
    const { clock, origin, source } = sourceOver(ahead);
    const reads = [source.read(0, 0, 16_384), source.read(0, 0, 16_384)];
    await clock.advance(20);
    expect(await Promise.all(reads)).toEqual([block(0), block(0)]);
    ahead.length = 0;
    expect(await source.read(0, 16_384, 16_384)).toEqual(block(16_384));
    expect(origin.orders.map(({ from, length }) => [from, length])).toEqual([[0, 32_768]]);
  });

  test('[WS34] that nobody wants any more are given up', async () => {
    const ahead = [{ piece: 1, offset: 0, length: 16_384 }];
    const { clock, origin, source } = sourceOver(ahead);
    const read = source.read(0, 0, 16_384);
    await clock.advance(10);
    expect(origin.orders.map(({ from }) => from)).toEqual([0, 65_536]);
    ahead.length = 0;
    source.look();
    await clock.advance(30);
    expect(await read).toEqual(block(0));
    expect([origin.sentBytes, origin.givenUp]).toEqual([16_384, 1]);
    const again = source.read(1, 0, 16_384);
    await clock.advance(20);
    expect(await again).toEqual(block(65_536));
  });

  test('[WS34] are at most four ranges at a time', async () => {
    const { clock, origin, source } = sourceOver();
    for (const piece of [0, 1, 2, 3, 4]) void source.read(piece, 100, 1_000);
    await clock.advance(10);
    expect([origin.orders.length, origin.out]).toEqual([4, 4]);
    await clock.advance(20);
    expect(origin.orders).toHaveLength(5);
  });

  test('[WS34] are two more where they are small, which wait for no large one and hold none up', async () => {
    const { clock, origin, source } = sourceOver();
    for (const piece of [0, 1, 2, 3]) void source.read(piece, 10_000, 1_000);
    for (const piece of [0, 1, 2, 3]) void source.read(piece, 100, 100);
    await clock.advance(10);
    expect(origin.orders.map(({ length }) => length)).toEqual([100, 100, 100, 100, 1_000, 1_000]);
    for (const piece of [0, 1, 2, 3]) void source.read(piece, 200, 100);
    await clock.advance(20);
    expect(origin.orders.slice(6).map(({ length }) => length)).toEqual([100, 100, 100, 100, 1_000, 1_000]);
  });

  test('[WS34] of one that is busy wait, longer each time, and come in the end', async () => {
    const { clock, origin, source, ended } = sourceOver();
    origin.trouble = 'busy';
    const read = source.read(0, 0, 100);
    await clock.advance(20 + 1_000 + 20 + 2_000 + 20 + 3_000);
    expect(origin.orders).toHaveLength(3);
    origin.trouble = null;
    await clock.advance(1_020);
    expect(await read).toEqual(block(0, 100));
    expect(ended).toEqual([]);
  });

  test.each(['refused', 'changed', 'other-size'] as const)(
    '[WS34] of one that says %s never come',
    async (why) => {
      const { clock, origin, source, ended } = sourceOver();
      origin.trouble = why;
      const read = source.read(0, 0, 100);
      await clock.advance(20);
      expect(ended).toEqual([why]);
      source.close();
      expect(await read).toMatchObject({ kind: 'unreadable' });
    },
  );

  test('[WS34] of one that is away for five minutes never come', async () => {
    const { clock, origin, source, ended } = sourceOver();
    origin.trouble = 'unreachable';
    void source.read(0, 0, 100);
    await clock.advance(400_000);
    expect(ended[0]).toBe('unreachable');
  });
});
