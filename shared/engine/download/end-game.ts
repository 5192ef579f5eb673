/**
 * Which block that one source was asked for is asked of a faster one as well: the last blocks of all in the end game
 * ([RQ6]), and those that somebody who plays waits for ([PK3]). Chooses; asks and cancels nothing itself.
 */
import type { Bitfield } from '../../bitfield.ts';
import type { PieceChoice } from './piece-choice.ts';
import type { Asked } from './pipeline.ts';
import type { Source } from './source.ts';

type Sources = Iterable<Source>;

const MOST_ASKERS = 3;
/** What was asked for so many ms ago at least is late for somebody who plays: before, its source may be merely new. */
const LATE_MS = 1_000;

/** [RQ6] Nothing is left to ask for: the last block of the slowest source. */
export function lastOfSlowest(sources: Sources, helper: Source, has: Bitfield): Asked | null {
  let slowest = 0;
  let last: Asked | null = null;
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

function lastOf(owner: Source, helper: Source, has: Bitfield): Asked | null {
  let last: Asked | null = null;
  for (const [key, asked] of owner.pipeline.entries()) if (mayRace(key, asked, helper, has)) last = asked;
  return last;
}

/** [PK3] The first block in the order of playing that a much slower source is late with, before what would be begun. */
export function firstOfLate(
  sources: Sources,
  choice: PieceChoice,
  helper: Source,
  has: Bitfield,
  now: number,
): Asked | null {
  const { sequence } = choice;
  if (sequence.isEmpty) return null;
  let rank = Infinity;
  let first: Asked | null = null;
  for (const { pipeline } of sources) {
    // Cheap, and for most sources the end of it: requests are answered within a second.
    if (pipeline === helper.pipeline || pipeline.oldestAt + LATE_MS > now) continue;
    if (!helper.pipeline.isMuchFasterThan(pipeline.waitFor(0, now))) continue;
    for (const [key, asked] of pipeline.entries()) {
      if (asked.at + LATE_MS > now) break;
      const place = sequence.rank(asked.assembly.piece);
      if (place >= rank || !mayRace(key, asked, helper, has)) continue;
      rank = place;
      first = asked;
    }
  }
  if (first === null) return null;
  const fresh = choice.nextOfSequence(has);
  return fresh !== null && sequence.rank(fresh) < rank ? null : first;
}

function mayRace(key: number, { assembly, cell }: Asked, helper: Source, has: Bitfield): boolean {
  if (assembly.onParole || !has.has(assembly.piece) || helper.pipeline.has(key)) return false;
  return (assembly.askers[cell] ?? 0) < MOST_ASKERS;
}
