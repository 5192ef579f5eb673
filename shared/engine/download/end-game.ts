/**
 * Which block that one source was asked for is asked of a faster one as well: the last blocks of all in the end game
 * ([RQ6]), and those that somebody who plays waits for ([PK3]). Chooses; asks and cancels nothing itself.
 */
import type { Bitfield } from '../../bitfield.ts';
import { CELLS_PER_BLOCK, cellKey, groupOf, missingOf } from './cells.ts';
import type { Cells } from './cells.ts';
import type { PieceChoice } from './piece-choice.ts';
import type { Source } from './source.ts';

type Sources = Iterable<Source>;

const MOST_ASKERS = 3;
/** What was asked for so many ms ago at least is late for somebody who plays: before, its source may be merely new. */
const LATE_MS = 1_000;

/** [RQ6] Nothing is left to ask for: the last block of the slowest source. */
export function lastOfSlowest(sources: Sources, helper: Source, has: Bitfield): Cells | null {
  let slowest = 0;
  let last: Cells | null = null;
  for (const other of sources) {
    if (other === helper || other.pipeline.size === 0) continue;
    const time = other.pipeline.drainTime();
    if (time <= slowest || !helper.pipeline.isMuchFasterThan(time)) continue;
    const candidate = lastOf(other, helper, has);
    if (candidate === null) continue;
    slowest = time;
    last = candidate;
  }
  return last;
}

function lastOf(owner: Source, helper: Source, has: Bitfield): Cells | null {
  let last: Cells | null = null;
  for (const [, asked] of owner.pipeline.entries()) last = toRace(asked, helper, has) ?? last;
  return last;
}

/** [PK3] The first block in the order of playing that a much slower source is late with, before what would be begun. */
export function firstOfLate(
  sources: Sources,
  choice: PieceChoice,
  helper: Source,
  has: Bitfield,
  now: number,
): Cells | null {
  const { sequence } = choice;
  if (sequence.isEmpty) return null;
  let rank = Infinity;
  let first: Cells | null = null;
  for (const { pipeline } of sources) {
    // Cheap, and for most sources the end of it: requests are answered within a second.
    if (pipeline === helper.pipeline || pipeline.oldestAt + LATE_MS > now) continue;
    if (!helper.pipeline.isMuchFasterThan(pipeline.waitFor(0, now))) continue;
    for (const [, asked] of pipeline.entries()) {
      if (asked.at + LATE_MS > now) break;
      const place = sequence.rank(asked.assembly.piece);
      const cells = place >= rank ? null : toRace(asked, helper, has);
      if (cells === null) continue;
      rank = place;
      first = cells;
    }
  }
  if (first === null) return null;
  const fresh = choice.nextOfSequence(has);
  return fresh !== null && sequence.rank(fresh) < rank ? null : first;
}

/** What the helper may be asked for of what another was: nothing that is here, and nothing that it was asked for. */
function toRace(asked: Cells, helper: Source, has: Bitfield): Cells | null {
  const { assembly } = asked;
  if (assembly.onParole || !has.has(assembly.piece)) return null;
  const cells = missingOf(asked);
  if (cells === null || (assembly.askers[cells.cell] ?? 0) >= MOST_ASKERS) return null;
  return isAskedOf(helper, cells) ? null : cells;
}

/** Was it asked for one of these cells already, in whatever request? Those of one usual block are all it could be in. */
function isAskedOf({ pipeline }: Source, { assembly, cell, cells }: Cells): boolean {
  const group = groupOf(cell);
  for (let at = group; at < cell + cells; at++) {
    for (let many = 1; at + many <= group + CELLS_PER_BLOCK; many++) {
      if (at + many > cell && pipeline.has(cellKey(assembly.piece, at, many))) return true;
    }
  }
  return false;
}
