/**
 * [HL36] What is known of a share on disk: `state.json` in its folder, and a journal of what came since that was written.
 * Types, and how they are read from JSON: a value that makes no sense is none. Knows no files.
 */
import * as v from 'valibot';
import { Bitfield } from '../../shared/bitfield.ts';
import { MAX_PIECES } from '../../shared/limits.ts';
import { staysInside } from './target-folder.ts';
import type { Below } from './target-folder.ts';

/** Why a file is called otherwise than the share says. */
export type OtherName = 'taken' | 'refused';

/** A whole file under its own name, as it was when it was written: what differs now was changed by somebody. */
export interface WholeFacts {
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modified: string;
}

export interface PlaceState {
  /** The folder of the share, or its one file, in the target folder. */
  readonly top: string;
  /** What is here already was looked for and verified. */
  readonly isGathered: boolean;
  /** Files whose unfinished name is not the usual one. */
  readonly parts: readonly (readonly [file: number, path: Below])[];
  /** Files whose name is not the share's. */
  readonly finals: readonly (readonly [file: number, path: Below, why: OtherName])[];
  readonly whole: readonly (readonly [file: number, facts: WholeFacts])[];
}

export interface ShareState {
  /** ms since 1970; null: there is no record, only pieces. */
  readonly addedAt: number | null;
  /** The first journal that this does not know. */
  readonly generation: number;
  /** Pieces that lie in the share's files. */
  readonly inPlace: Bitfield;
  /** Pieces by their content, which lies in files of its own. */
  readonly loose: readonly (readonly [piece: number, sha256: string, bytes: number])[];
  /** The pieces that were written last, the last one at the end. */
  readonly latest: readonly number[];
  readonly place: PlaceState | null;
}

/** A piece that lies in the share's files. */
export interface PieceLine {
  readonly p: number;
}

/** A piece with content of so many bytes in a file of its own. */
export interface LooseLine {
  readonly p: number;
  readonly s: string;
  readonly b: number;
}

/** Of a piece. */
export type StoredLine = PieceLine | LooseLine;

/** A file is about to get its own name. */
export interface FileLine {
  readonly f: number;
  readonly to: Below;
  readonly facts: WholeFacts;
}

export type JournalLine = PieceLine | LooseLine | FileLine;

const Index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Name = v.pipe(v.string(), v.check(staysInside));
const Path = v.pipe(v.array(Name), v.minLength(1));
const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const Facts = v.object({ size: Index, modified: v.pipe(v.string(), v.regex(/^-?\d+$/)) });
const Stored = v.object({
  version: v.literal(1),
  addedAt: v.nullable(v.number()),
  generation: Index,
  inPlace: v.string(),
  loose: v.array(v.tuple([Index, Sha256, Index])),
  latest: v.array(Index),
  place: v.nullable(
    v.object({
      top: Name,
      isGathered: v.boolean(),
      parts: v.array(v.tuple([Index, Path])),
      finals: v.array(v.tuple([Index, Path, v.picklist(['taken', 'refused'])])),
      whole: v.array(v.tuple([Index, Facts])),
    }),
  ),
});
const Line = v.union([
  v.object({ p: Index, s: Sha256, b: Index }),
  v.object({ p: Index }),
  v.object({ f: Index, to: Path, facts: Facts }),
]);

export function stateToJson({ inPlace, ...others }: ShareState): unknown {
  return { version: 1, ...others, inPlace: Buffer.from(inPlace.toBytes()).toString('base64') };
}

export function stateFromJson(json: unknown): ShareState | null {
  const read = v.safeParse(Stored, json);
  if (!read.success) return null;
  const { addedAt, generation, inPlace, loose, latest, place } = read.output;
  const bits = Bitfield.parse(new Uint8Array(Buffer.from(inPlace, 'base64')), MAX_PIECES);
  return bits === null ? null : { addedAt, generation, inPlace: bits, loose, latest, place };
}

/** The lines that are whole: the last one may have been cut off. */
export function linesFrom(text: string): JournalLine[] {
  const lines: JournalLine[] = [];
  for (const line of text.split('\n')) {
    const read = v.safeParse(v.pipe(v.string(), v.parseJson(), Line), line);
    if (read.success) lines.push(read.output);
  }
  return lines;
}
