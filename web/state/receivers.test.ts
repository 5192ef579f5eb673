import { describe, expect, it } from 'vitest';
import { Receivers } from './receivers.ts';
import { peersOf } from './transfer.fixture.ts';

const pieces = new Uint8Array(4).fill(2);

describe('[EN8] [UI19] who takes a share from here', () => {
  it('is told with how far each is, under a number that stays', () => {
    const receivers = new Receivers();
    const [first, second] = peersOf(2);
    expect(receivers.of({ pieces, peers: [{ ...first!, pieces: 1, up: 5 }] })).toEqual([
      { id: first!.id, name: 'Person 1', percent: 25, up: 5, path: 'direct' },
    ]);
    const both = receivers.of({ pieces, peers: [second!, { ...first!, pieces: 4 }] });
    expect(both.map(({ name, percent }) => [name, percent])).toEqual([
      ['Person 1', 100],
      ['Person 2', 0],
    ]);
    expect(receivers.of({ pieces, peers: [second!] }).map(({ name }) => name)).toEqual(['Person 2']);
  });

  it('is nobody who came with everything, no tab of ours, and each person once', () => {
    const receivers = new Receivers();
    const [one] = peersOf(1);
    const peers = [...peersOf(3, { pieces: 4 }), ...peersOf(1, { own: true })];
    expect(receivers.of({ pieces, peers })).toEqual([]);
    expect(receivers.of({ pieces, peers: [one!, one!] })).toHaveLength(1);
  });
});
