/** A small swarm in bad weather: whatever goes wrong for a while, afterwards everybody gets everything. */
import { describe, expect, test } from 'vitest';
import { Lab, testPeer } from './testing/lab.ts';
import type { LabMachine } from './testing/lab-machine.ts';
import type { Party, Pipe } from './testing/pipe.ts';
import { ScriptedPeer, seedScript } from './testing/scripted-peer.ts';
import { evenPieces, makeShare } from './testing/share.ts';
import { TorrentInnoPeer } from './testing/torrentinno-peer.ts';

const LIMITS = [null, 50_000, 300_000, 2_000_000] as const;

class Weather {
  readonly lab: Lab;
  readonly seed: LabMachine;
  readonly leechers: LabMachine[];
  readonly stranger: TorrentInnoPeer;
  readonly links: { one: Party; other: Party; pipe: Pipe }[] = [];
  readonly stopped = new Set<LabMachine>();

  constructor(seed: number) {
    this.lab = new Lab(seed);
    const { random } = this.lab;
    const pieces = evenPieces(
      10 + random.below(40),
      20_000 + random.below(200_000),
      1 + random.below(20_000),
    );
    const share = makeShare({ pieces, seed });
    this.seed = this.lab.machine({ id: testPeer(1 + random.below(90)), share, as: 'seed' });
    this.leechers = Array.from({ length: 4 }, (_, nth) =>
      this.lab.machine({ id: testPeer(100 + nth), share, as: 'newcomer' }),
    );
    this.stranger = new TorrentInnoPeer({ id: testPeer(99), share, random, now: this.lab.now });
    this.lab.clocked.push(this.stranger);
    const answer = (range: { piece: number; offset: number; length: number }, data: Uint8Array) => {
      if (random.below(5) === 0) data[0] = (data[0] ?? 0) ^ 1;
      return { kind: 'piece', piece: range.piece, offset: range.offset, data } as const;
    };
    const liar = new ScriptedPeer(testPeer(98), share.infoHash, seedScript({ share, answer }));
    const machines = [this.seed, ...this.leechers];
    for (const machine of machines) machine.tell({ kind: 'tracker-opened' });
    for (const leecher of this.leechers) leecher.tell({ kind: 'download-requested' });
    machines.forEach((one, at) => machines.slice(at + 1).forEach((other) => this.#link(one, other)));
    for (const machine of machines) this.#link(machine, this.stranger);
    this.#link(this.leechers[0]!, liar);
  }

  /** One thing that goes wrong, or right again. */
  gust(): void {
    const { random } = this.lab;
    const link = this.links[random.below(this.links.length)]!;
    const leecher = this.leechers[random.below(4)]!;
    const limit = () => LIMITS[random.below(4)]!;
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2:
        if (!link.pipe.closed) link.pipe.directions[random.below(2) as 0 | 1].held = random.below(2) === 0;
        return;
      case 3:
        return this.#relink(link);
      case 4:
        return this.#toggle(leecher);
      case 5:
        leecher.storeTrouble = random.below(2) === 0 ? 'quota' : null;
        return;
      case 6:
        leecher.tell({ kind: random.below(2) === 0 ? 'download-paused' : 'download-requested' });
        return;
      case 7:
        leecher.tell({
          kind: 'limits-changed',
          up: limit(),
          down: limit(),
          peerUp: limit(),
          peerDown: limit(),
        });
        return;
      case 8: {
        const from = random.below(50);
        const order = {
          kind: random.below(2) === 0 ? 'rarest' : 'sequential',
          first: random.below(2) === 0 ? [] : [{ from, to: from + random.below(20) }],
        } as const;
        return void leecher.tell({ kind: 'order-changed', order });
      }
      default: {
        const pieces = [...leecher.store.keys()];
        if (pieces.length > 3) leecher.store.delete(pieces[random.below(pieces.length)]!);
      }
    }
  }

  /** Everything is well again. */
  calm(): void {
    for (const leecher of this.leechers) {
      leecher.storeTrouble = null;
      if (this.stopped.has(leecher)) this.#toggle(leecher);
      leecher.tell({ kind: 'limits-changed', up: null, down: null, peerUp: null, peerDown: null });
      leecher.tell({ kind: 'download-requested' });
    }
    for (const link of this.links) this.#relink(link);
  }

  get done(): boolean {
    return this.leechers.every((leecher) => leecher.snapshot.phase === 'complete');
  }

  #link(one: Party, other: Party): void {
    this.links.push({ one, other, pipe: this.lab.join(one, other) });
  }

  /** The stranger's table keeps whoever it once met: it is never met again, so its links stay. */
  #relink(link: { one: Party; other: Party; pipe: Pipe }): void {
    for (const direction of link.pipe.directions) direction.held = false;
    if (link.other === this.stranger || link.other instanceof ScriptedPeer) return;
    this.lab.settle();
    link.pipe = this.lab.join(link.one, link.other);
  }

  /** Stopping would close the stranger's links, so whoever is stopped meets it no more. */
  #toggle(leecher: LabMachine): void {
    if (this.stopped.delete(leecher)) {
      leecher.tell({ kind: 'sharing-resumed' });
      for (const link of this.links) if (link.one === leecher || link.other === leecher) this.#relink(link);
      return;
    }
    this.stopped.add(leecher);
    leecher.tell({ kind: 'sharing-stopped' });
  }
}

describe('[EN3] a swarm in bad weather', () => {
  test.each(Array.from({ length: 25 }, (_, nth) => nth))(
    '[EN3] [EN5] [PK2] completes when it clears up, seed %i',
    (seed) => {
      const weather = new Weather(seed);
      const { lab } = weather;
      for (let round = 0; round < 80; round++) {
        weather.gust();
        lab.advance(lab.random.below(1_500));
      }
      weather.calm();
      lab.until('everybody has everything', () => weather.done, 600_000);
      for (const leecher of weather.leechers) {
        // A piece may have gone from the disk without anybody having asked for it since.
        for (const [piece, bytes] of leecher.store)
          expect(Buffer.compare(bytes, leecher.share.pieces[piece]!)).toBe(0);
        const lost = leecher.share.pieces.length - leecher.store.size;
        expect(lost).toBeLessThanOrEqual(80);
        expect(leecher.snapshot.trouble).toBeNull();
      }
    },
  );
});
