import { describe, expect, it } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { peerId } from '../../ids.ts';
import type { PeerId } from '../../ids.ts';
import type { Output } from '../io.ts';
import { Deliveries } from './deliveries.ts';

function peer(nth: number): PeerId {
  const id = peerId(nth.toString(16).padStart(64, '0'));
  if (id === null) throw new Error('no peer id');
  return id;
}

describe('[EN8] who has all of it by now', () => {
  it('is told of once, also when it comes again', () => {
    const [deliveries, out]: [Deliveries, Output[]] = [new Deliveries(), []];
    deliveries.saw(peer(1), null, 2, out);
    deliveries.saw(peer(1), Bitfield.of(2, [0]), 2, out);
    expect(out).toEqual([]);
    deliveries.saw(peer(1), Bitfield.full(2), 2, out);
    deliveries.saw(peer(1), Bitfield.full(2), 2, out);
    expect(out).toEqual([{ kind: 'report', event: { kind: 'peer-completed', peer: peer(1) } }]);
  });

  it('is nobody who came with everything', () => {
    const [deliveries, out]: [Deliveries, Output[]] = [new Deliveries(), []];
    deliveries.saw(peer(1), Bitfield.full(2), 2, out);
    expect(out).toEqual([]);
  });

  it('is remembered of the latest ten thousand', () => {
    const [deliveries, out]: [Deliveries, Output[]] = [new Deliveries(), []];
    for (let nth = 0; nth <= 10_000; nth++) deliveries.saw(peer(nth), null, 1, out);
    deliveries.saw(peer(0), Bitfield.full(1), 1, out);
    expect(out).toEqual([]);
    deliveries.saw(peer(1), Bitfield.full(1), 1, out);
    expect(out).toHaveLength(1);
  });
});
