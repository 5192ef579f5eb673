/**
 * [HL36] [HL37] What a share is after a time in which this process was not there: files that somebody else moved, deleted
 * or changed, and pieces of which only the journal knows. Nothing of it is believed without a look, and what the journal
 * says of bytes not without their hash.
 */
import { someAtOnce } from './at-once.ts';
import type { Layout } from './layout.ts';
import { HASHED_AT_ONCE, LOOKS_AT_ONCE } from './limits.ts';
import type { LooseContents } from './loose-contents.ts';
import type { OwnedPieces } from './owned-pieces.ts';
import { sha256Of } from './sha256.ts';
import type { ShareFiles } from './share-files.ts';
import type { JournalLine, LooseLine } from './share-state.ts';
import { orNull } from './trouble.ts';

export interface LookedAfter {
  readonly layout: Layout | null;
  /** Null: they have no place yet. */
  readonly files: ShareFiles | null;
  readonly owned: OwnedPieces;
  readonly loose: LooseContents;
  /** Nobody needs it any more: what was changed is looked at the next time. */
  readonly isLeft: () => boolean;
}

export async function lookAfter(share: LookedAfter, lines: readonly JournalLine[]): Promise<void> {
  const { layout, files, owned, loose, isLeft } = share;
  if (layout !== null && files !== null) {
    for (const line of lines) if ('f' in line) await orNull(files.replay(line));
    const noted = lines.flatMap((line) => (isPlaced(line, layout) ? [line.p] : []));
    await lookAtFiles({ layout, files, owned, isLeft }, noted);
    await someAtOnce(new Set(noted), HASHED_AT_ONCE, async (piece) => {
      if (owned.has(piece) || !(await isRight(layout, files, piece))) return;
      await owned.addInPlace(piece);
      owned.came(piece);
    });
  }
  for (const line of lines) if ('s' in line) await believe(line, owned, loose);
}

function isPlaced(line: JournalLine, { pieceCount }: Layout): line is { p: number } {
  return 'p' in line && !('s' in line) && line.p < pieceCount;
}

interface Placed extends Pick<LookedAfter, 'owned' | 'isLeft'> {
  readonly layout: Layout;
  readonly files: ShareFiles;
}

async function lookAtFiles(share: Placed, noted: readonly number[]): Promise<void> {
  const { layout, files, owned } = share;
  const inUse = new Set([...owned.inPlace(), ...noted].flatMap((piece) => owned.filesOf(piece)));
  for (let file = 0; file < layout.fileCount; file++) if (files.placeOf(file) === 'whole') inUse.add(file);
  await someAtOnce(inUse, LOOKS_AT_ONCE, async (file) => {
    if (files.placeOf(file) !== 'whole') {
      if ((await orNull(files.findPart(file))) !== true) files.lose(file);
      return;
    }
    const found = (await orNull(files.lookAtWhole(file))) ?? 'gone';
    if (found === 'gone') files.lose(file);
    else if (found === 'changed') await verify(share, file);
  });
}

/** Somebody has touched it: what is still right in it stays. */
async function verify({ layout, files, owned, isLeft }: Placed, file: number): Promise<void> {
  const { from, to } = layout.piecesOf(file);
  for (let piece = from; piece < to; piece++) {
    if (isLeft()) return;
    if (owned.isInPlace(piece) && !(await isRight(layout, files, piece))) owned.dropInPlace(piece);
  }
  if (owned.isWhole(file)) await files.noteWhole(file);
}

async function isRight(layout: Layout, files: ShareFiles, piece: number): Promise<boolean> {
  const bytes = await orNull(files.read(piece));
  return bytes !== null && (await sha256Of(bytes)) === layout.sha256(piece);
}

async function believe({ p, s, b }: LooseLine, owned: OwnedPieces, loose: LooseContents): Promise<void> {
  if (owned.has(p) || (await orNull(loose.isThere(s, b))) !== true) return;
  await owned.addLoose(p, s, b);
  owned.came(p);
  const bytes = await loose.read(s);
  if (bytes === null || (await sha256Of(bytes)) !== s) await owned.releaseLoose(p);
}
