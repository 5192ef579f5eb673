import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { linkId } from '../../ids.ts';
import type { InfoHash, PeerId } from '../../ids.ts';
import { Connection } from '../connection/connection.ts';
import { PieceLedger } from '../pieces/ledger.ts';
import type { Assembly } from '../pieces/ledger.ts';
import { testPeer } from '../testing/lab.ts';
import { cellKey, missingOf } from './cells.ts';
import { lastOfSlowest } from './end-game.ts';
import type { PeerSource } from './source.ts';

const CELL = 16_384;
const SENDER = testPeer(9) as PeerId;

/** A piece of eight cells under way, the `here` of them here. */
function assemblyOf(here: readonly number[]): Assembly {
  const pieces = [{ sha256: 'a'.repeat(64), size: 8 * CELL }];
  const ledger = new PieceLedger(pieces, Bitfield.empty(1), (size) => new Uint8Array(size));
  const assembly = ledger.begin(0);
  for (const cell of here) assembly.senders[cell] = SENDER;
  return assembly;
}

function sourceOf(nth: number): PeerSource {
  const options = { link: linkId(nth), role: 'acceptor', expected: null, openedAt: 0 } as const;
  return new Connection(options, { own: testPeer(1_000), infoHash: 'f'.repeat(64) as InfoHash }).source;
}

function ask(source: PeerSource, assembly: Assembly, cell: number, cells: number): void {
  const asked = { assembly, cell, cells, length: cells * CELL, at: 0 };
  source.pipeline.add(cellKey(assembly.piece, cell, cells), asked);
}

/** One that is slow and was asked for cells 4 to 7, and a fast one that helps. */
function race(assembly: Assembly): { helper: PeerSource; chosen: () => unknown } {
  const [slow, helper] = [sourceOf(1), sourceOf(2)];
  ask(slow, assembly, 4, 4);
  ask(helper, assembly, 0, 4);
  helper.pipeline.blockCame(4_000_000, cellKey(assembly.piece, 0, 4), 20);
  helper.pipeline.remove(cellKey(assembly.piece, 0, 4));
  const chosen = (): unknown => {
    const cells = lastOfSlowest(new Set([slow, helper]), helper, Bitfield.full(1));
    return cells === null ? null : [cells.cell, cells.cells];
  };
  return { helper, chosen };
}

describe('[RQ6] what is raced for', () => {
  test.each<[number[], unknown]>([
    [[], [4, 4]],
    [[4], [5, 3]],
    [[7], [4, 3]],
    [[5], [4, 1]],
    [
      [4, 5, 6],
      [7, 1],
    ],
    [[4, 5, 6, 7], null],
    [
      [0, 1, 2, 3],
      [4, 4],
    ],
  ])('[RQ6] of a request of which cells %j are here, nothing that is here', (here, expected) => {
    expect(race(assemblyOf(here)).chosen()).toEqual(expected);
  });

  test.each<[number, number]>([
    [4, 4],
    [4, 1],
    [5, 2],
    [6, 2],
    [7, 1],
  ])('[RQ6] nothing of which the helper was asked for %i and %i in a row', (cell, cells) => {
    const assembly = assemblyOf([]);
    const { helper, chosen } = race(assembly);
    ask(helper, assembly, cell, cells);
    expect(chosen()).toBeNull();
  });

  test('[RQ6] what the helper was asked for of the neighbours is in nobody’s way', () => {
    const assembly = assemblyOf([4]);
    const { helper, chosen } = race(assembly);
    ask(helper, assembly, 0, 4);
    expect(chosen()).toEqual([5, 3]);
  });
});

test('[RQ1] what is missing of cells in a row is the first run of them', () => {
  const assembly = assemblyOf([0, 2, 3]);
  const of = (cell: number, cells: number): unknown => {
    const missing = missingOf({ assembly, cell, cells });
    return missing === null ? null : [missing.cell, missing.cells];
  };
  expect([of(0, 4), of(0, 1), of(2, 4), of(4, 4), of(2, 2)]).toEqual([[1, 1], null, [4, 2], [4, 4], null]);
});
