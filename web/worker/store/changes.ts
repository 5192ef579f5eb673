/**
 * What is done with content, each within one transaction: pieces are put ([ST2]), adopted ([ST9]) and removed with
 * their share. Decides what goes where; that places, directories, owned pieces and segments agree is place-book.ts's.
 */
import type { PieceContent, StoredPiece } from '../../../shared/peer/piece-store.ts';
import { packed } from './directory.ts';
import { isSame, owns } from './owned-pieces.ts';
import type { Content, Move, PlaceBook } from './place-book.ts';
import type { Owned, PieceKey, Place } from './schema.ts';
import type { MakeSegment } from './segments.ts';
import { inOne } from './settled.ts';

/** False: its bytes were found to be gone. */
export type IsReadable = (place: Place) => boolean;

/** A piece that is asked for, and what is known of it and of its content. */
interface Asked<Piece extends PieceContent> {
  readonly piece: Piece;
  readonly move: Move;
  /** Where its content is already, if anywhere. */
  readonly found: Place | undefined;
}

export interface Put {
  /** What the share has now. */
  readonly owned: Owned | undefined;
  /** Nothing of what was put was stored before. */
  readonly wasNew: boolean;
}

/** Content that is on its way into a segment. */
interface Fresh extends Content {
  readonly uses: Move[];
}

export async function putPieces(
  book: PlaceBook,
  infoHash: string,
  pieces: readonly StoredPiece[],
  make: MakeSegment,
  isReadable: IsReadable,
): Promise<Put> {
  const { asked, before } = await lookUp(book, infoHash, pieces);
  const fresh = new Map<string, Fresh>();
  const moves: { move: Move; to: Place }[] = [];
  for (const { piece, move, found } of asked) {
    if (isThere(move, piece, isReadable)) continue;
    if (found !== undefined && isReadable(found)) moves.push({ move, to: found });
    else await bring(book, fresh, { piece, move, found });
  }
  const changed = [...moves.map(({ move }) => move), ...[...fresh.values()].flatMap(({ uses }) => uses)];
  await book.load(segmentsOf([...changed.map(({ from }) => from), ...moves.map(({ to }) => to)]));
  for (const { move, to } of moves) book.move(move, to);
  const groups = packed([...fresh.values()], ({ bytes }) => bytes.length);
  for (const group of groups) book.write(group, make);
  const indexes = asked.map(({ piece }) => piece.piece);
  if (changed.length > 0) book.own(infoHash, before, indexes);
  const owned = (await book.finish()).get(infoHash) ?? before;
  return { owned, wasNew: asked.every(({ move, found }) => move.from === undefined && found === undefined) };
}

/**
 * [ST13] Asks and writes in one go, as if nothing of it were stored and the share had what `before` says. Where it was
 * not so, what was written has to be undone.
 */
export async function putNew(
  book: PlaceBook,
  infoHash: string,
  pieces: readonly StoredPiece[],
  make: MakeSegment,
  before: Owned | undefined,
): Promise<Put> {
  const latest = latestOf(pieces);
  const answers = inOne([
    () => book.owned(infoHash),
    () => Promise.all(latest.map(({ sha256 }) => book.isStored(sha256))),
  ]);
  answers.catch(() => undefined); // when writing fails, that is told
  for (const group of newGroups(infoHash, latest)) book.write(group, make);
  const indexes = latest.map(({ piece }) => piece);
  book.own(infoHash, before, indexes);
  const [[found, stored], written] = await Promise.all([answers, book.finish()]);
  return { owned: written.get(infoHash), wasNew: isSame(found, before) && !stored.includes(true) };
}

/** [ST16] Of what is put, when all of it is new: what goes into a segment together. */
export function newGroups(infoHash: string, pieces: readonly StoredPiece[]): Content[][] {
  const fresh = new Map<string, Fresh>();
  for (const { piece, sha256, bytes } of latestOf(pieces)) {
    const coming = fresh.get(sha256) ?? { sha256, bytes, uses: [] };
    coming.uses.push({ key: [infoHash, piece], from: undefined });
    fresh.set(sha256, coming);
  }
  return packed([...fresh.values()], ({ bytes }) => bytes.length);
}

/** Answers the pieces that the share has now, in the order asked for. */
export async function adopt(
  book: PlaceBook,
  infoHash: string,
  pieces: readonly PieceContent[],
  isReadable: IsReadable,
): Promise<number[]> {
  const { asked, before } = await lookUp(book, infoHash, pieces);
  const moves: { move: Move; to: Place }[] = [];
  const adopted: number[] = [];
  for (const { piece, move, found } of asked) {
    const isHere = isThere(move, piece, isReadable);
    if (!isHere && (found === undefined || !isReadable(found))) continue;
    adopted.push(piece.piece);
    if (!isHere && found !== undefined) moves.push({ move, to: found });
  }
  await book.load(segmentsOf(moves.flatMap(({ move, to }) => [move.from, to])));
  for (const { move, to } of moves) book.move(move, to);
  if (moves.length > 0) book.own(infoHash, before, adopted);
  return adopted;
}

/** [ST4] Its bytes are not what they were: all that had it are missing. */
export async function dropContent(book: PlaceBook, sha256s: readonly string[]): Promise<void> {
  const uses = (await Promise.all(sha256s.map((sha256) => book.usesOf(sha256)))).flat();
  await book.load(segmentsOf(uses.map(({ from }) => from)));
  for (const infoHash of new Set(uses.map(({ key: [share] }) => share))) {
    const ofShare = uses.filter(({ key: [share] }) => share === infoHash);
    book.drop(infoHash, await book.owned(infoHash), ofShare);
  }
}

export async function removeShare(book: PlaceBook, infoHash: string): Promise<void> {
  await book.load(segmentsOf(await book.placesOfShare(infoHash)));
  book.removeShare(infoHash);
}

async function lookUp<Piece extends PieceContent>(
  book: PlaceBook,
  infoHash: string,
  pieces: readonly Piece[],
): Promise<{ asked: Asked<Piece>[]; before: Owned | undefined }> {
  const latest = latestOf(pieces);
  const [before, found] = await Promise.all([
    book.owned(infoHash),
    Promise.all(latest.map(({ sha256 }) => book.placeWith(sha256))),
  ]);
  const keys = latest.map(({ piece }): PieceKey => [infoHash, piece]);
  // What is not owned has no place: in most batches nothing is asked here.
  const own = await Promise.all(
    keys.map((key) => (owns(before?.pieces, key[1]) ? book.placeOf(key) : undefined)),
  );
  const asked = latest.map((piece, at) => ({
    piece,
    move: { key: keys[at] ?? [infoHash, piece.piece], from: own[at] },
    found: found[at],
  }));
  return { asked, before };
}

/** Of pieces with one index the last one counts. */
function latestOf<Piece extends PieceContent>(pieces: readonly Piece[]): Piece[] {
  return [...new Map(pieces.map((piece) => [piece.piece, piece])).values()];
}

function isThere({ from }: Move, { sha256 }: PieceContent, isReadable: IsReadable): boolean {
  return from?.sha256 === sha256 && isReadable(from);
}

/** [ST4] Where the content was stored but is gone, all that had it get what comes now. */
async function bring(
  book: PlaceBook,
  fresh: Map<string, Fresh>,
  { piece, move, found }: Asked<StoredPiece>,
): Promise<void> {
  const { sha256, bytes } = piece;
  const coming = fresh.get(sha256);
  if (coming === undefined) {
    const uses = found === undefined ? [] : await book.usesOf(sha256);
    fresh.set(sha256, { sha256, bytes, uses: [...uses.filter((use) => !isSameMove(use, move)), move] });
  } else if (!coming.uses.some((use) => isSameMove(use, move))) {
    coming.uses.push(move);
  }
}

function isSameMove(one: Move, other: Move): boolean {
  return one.key[0] === other.key[0] && one.key[1] === other.key[1];
}

function segmentsOf(places: readonly (Place | undefined)[]): Place['segment'][] {
  return places.flatMap((place) => (place === undefined ? [] : [place.segment]));
}
