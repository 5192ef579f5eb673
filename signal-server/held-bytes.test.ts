import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FREE_BYTES, HeldBytes } from './held-bytes.ts';

class Hoarder {
  readonly addressKey: string;
  heldBytes = 0;
  cuts = 0;

  constructor(addressKey = 'a') {
    this.addressKey = addressKey;
  }

  cut(): void {
    this.cuts += 1;
    this.heldBytes = 0;
  }
}

describe('[SV5] memory held for one address', () => {
  function house(most: number) {
    const rejected: string[] = [];
    const held = new HeldBytes(most, (why) => void rejected.push(why));
    const hold = (holder: Hoarder, bytes: number) => {
      holder.heldBytes = bytes;
      held.note(holder);
    };
    return { held, rejected, hold };
  }

  test('what sockets hold together has a bound: the one that holds most is cut', () => {
    const { hold, held, rejected } = house(100_000);
    const [small, large, other] = [new Hoarder(), new Hoarder(), new Hoarder('b')];
    hold(large, 60_000);
    hold(other, 90_000);
    hold(small, 40_000);
    expect([large.cuts, rejected]).toEqual([0, []]);
    hold(small, 40_001);
    expect([small.cuts, large.cuts, other.cuts, rejected]).toEqual([0, 1, 0, ['memory']]);
    expect([held.of('a'), held.of('b')]).toEqual([40_001, 90_000]);
  });

  test('what was let go of meanwhile is not held against anybody', () => {
    const { hold } = house(100_000);
    const [read, busy] = [new Hoarder(), new Hoarder()];
    hold(read, 80_000);
    read.heldBytes = 0;
    hold(busy, 90_000);
    expect([read.cuts, busy.cuts]).toEqual([0, 0]);
  });

  test('what every socket may hold is not counted, and who is gone is forgotten', () => {
    const { hold, held } = house(100_000);
    for (let many = 0; many < 1_000; many++) hold(new Hoarder(), FREE_BYTES);
    expect(held.of('a')).toBe(0);
    const one = new Hoarder();
    hold(one, 50_000);
    held.forget(one);
    held.forget(one);
    expect(held.of('a')).toBe(0);
  });

  test('however it goes, an address holds no more than its bound', () => {
    const steps = fc.array(fc.record({ who: fc.nat(5), bytes: fc.nat(150_000) }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (all) => {
        const { hold, held } = house(200_000);
        const holders = Array.from({ length: 6 }, (_, at) => new Hoarder(at < 4 ? 'a' : 'b'));
        for (const { who, bytes } of all) {
          hold(holders[who]!, bytes);
          for (const address of ['a', 'b']) {
            const all_ = holders.filter(({ addressKey }) => addressKey === address);
            const large = all_.map(({ heldBytes }) => heldBytes).filter((one) => one > FREE_BYTES);
            const sum = large.reduce((total, one) => total + one, 0);
            expect(sum).toBeLessThanOrEqual(200_000);
            expect(held.of(address)).toBe(sum);
          }
        }
      }),
    );
  });
});
