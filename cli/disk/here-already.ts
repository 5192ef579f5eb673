/**
 * [HL38] What of a share is on this machine already: under its own names, unfinished, in other shares' files or in folders
 * to look in. It is verified piece by piece, and then used where it is, copied (without taking room where the file system
 * can), or linked. Nothing that is found is ever written to, but for what is unfinished and is this share's.
 */
import { stat } from 'node:fs/promises';
import type { Bitfield } from '../../shared/bitfield.ts';
import { contentAt } from './disk-content.ts';
import type { DiskContent } from './disk-content.ts';
import type { Descriptors } from './descriptors.ts';
import { factsOf, isAsNoted } from './file-io.ts';
import type { GivenNames } from './given-names.ts';
import type { Layout } from './layout.ts';
import { MOST_CANDIDATES } from './limits.ts';
import type { DiskNotice, FoundHow, Notices } from './notices.ts';
import { rightPieces } from './right-pieces.ts';
import type { OnVerifyProgress } from './right-pieces.ts';
import { sha256Of } from './sha256.ts';
import type { ShareFiles } from './share-files.ts';
import type { WholeFacts } from './share-state.ts';
import type { Below, TargetFolder } from './target-folder.ts';
import { isWorlds, orNull } from './trouble.ts';

export interface HereHost {
  readonly layout: Layout;
  readonly files: ShareFiles;
  readonly names: GivenNames;
  readonly target: TargetFolder;
  readonly descriptors: Descriptors;
  readonly notices: Notices;
  /** Other files of this size, those of this name first, as far as it is known. */
  readonly elsewhere: (size: number, name: string) => Promise<readonly string[]>;
  /** Whether what lies elsewhere is linked and not copied. */
  readonly links: boolean;
  readonly isWanted: (file: number) => boolean;
  /** The share or the disk is being left: nothing more is to be read. */
  readonly isCancelled: () => boolean;
}

type Where = 'own-name' | 'unfinished' | 'elsewhere';
type Found = DiskNotice & { readonly kind: 'found-here' };

/** Files that are named one by one. */
const MOST_NAMED = 3;

interface Source {
  readonly where: Where;
  readonly path: string;
  readonly content: DiskContent;
  readonly facts: WholeFacts;
}

/** The pieces that lie in the share's files now, and are right; null: it was cancelled. */
export async function takeWhatIsHere(host: HereHost, onProgress: OnVerifyProgress): Promise<number[] | null> {
  const { layout } = host;
  const sources: (Source | null)[] = [];
  for (let file = 0; file < layout.fileCount; file++) {
    if (host.isCancelled()) return null;
    sources.push(await sourceOf(host, file));
  }
  const contents = sources.map((source) => source?.content ?? null);
  if (contents.every((content) => content === null)) return [];
  const right = await rightPieces(layout, contents, onProgress, host.isCancelled);
  if (host.isCancelled()) return null;
  const isPlaced: boolean[] = [];
  const found: Found[] = [];
  for (const [file, source] of sources.entries()) {
    isPlaced.push(source !== null && (await placed(host, file, source, right, found)));
  }
  tellFound(host, found);
  return [...right.members()].filter((piece) =>
    layout.segmentsOf(piece).every(({ file }) => isPlaced[file] === true),
  );
}

/** The first that begins as the file should; of a file without a piece of its own the first there is. */
async function sourceOf(host: HereHost, file: number): Promise<Source | null> {
  const { layout, files, isWanted } = host;
  const size = layout.fileSize(file);
  if (size === 0 || files.placeOf(file) !== 'absent') return null;
  let first: Source | null = null;
  for await (const source of candidates(host, file)) {
    // What nobody wants is not copied for it; where it is already, it is used.
    if (source.where === 'elsewhere' && !isWanted(file)) continue;
    const begins = await beginsRight(layout, file, source);
    if (begins === true) return source;
    // An unfinished one has its first piece last, as often as not.
    if (begins === null || source.where !== 'elsewhere') first ??= source;
  }
  return first;
}

async function* candidates(host: HereHost, file: number): AsyncGenerator<Source> {
  const { layout, names, elsewhere } = host;
  const size = layout.fileSize(file);
  const own = await inTarget(host, 'own-name', names.final(file));
  if (own !== null && own.facts.size === size) yield own;
  const part = names.part(file);
  if (!names.isAnothersPart(part)) {
    const unfinished = await inTarget(host, 'unfinished', part);
    if (unfinished !== null && unfinished.facts.size <= size) yield unfinished;
  }
  const others = await elsewhere(size, layout.paths[file]?.at(-1) ?? '');
  for (const path of others.slice(0, MOST_CANDIDATES)) {
    const other = path === own?.path ? null : await sourceAt(host, 'elsewhere', path);
    if (other !== null && other.facts.size === size) yield other;
  }
}

async function inTarget(host: HereHost, where: Where, path: Below): Promise<Source | null> {
  const found = await orNull(host.target.look(path));
  return found?.isFile() === true ? sourceAt(host, where, await host.target.absolute(path)) : null;
}

async function sourceAt({ descriptors }: HereHost, where: Where, path: string): Promise<Source | null> {
  const found = await orNull(stat(path, { bigint: true }));
  const content = await contentAt(path, descriptors);
  return found === null || content === null ? null : { where, path, content, facts: factsOf(found) };
}

/** Null: no piece lies in this file alone. */
async function beginsRight(layout: Layout, file: number, { content }: Source): Promise<boolean | null> {
  const { from, to } = layout.piecesOf(file);
  for (let piece = from; piece < to; piece++) {
    const [segment, ...others] = layout.segmentsOf(piece);
    if (segment === undefined || others.length > 0) continue;
    const read = await content.readInto(new Uint8Array(segment.length), segment.at);
    return read.kind === 'read' && (await sha256Of(read.bytes)) === layout.sha256(piece);
  }
  return null;
}

/** Of many in the same way only how many they are. */
function tellFound({ notices, names, target }: HereHost, found: readonly Found[]): void {
  for (const how of ['in-place', 'linked', 'copied'] as const) {
    const alike = found.filter((one) => one.how === how);
    const path = target.shown([names.top]);
    if (alike.length > MOST_NAMED) notices.tell({ kind: 'many-found-here', path, files: alike.length, how });
    else for (const one of alike) notices.tell(one);
  }
}

/** False: nothing of it lies in the share's files. */
async function placed(
  host: HereHost,
  file: number,
  source: Source,
  right: Bitfield,
  found: Found[],
): Promise<boolean> {
  const { from, to } = host.layout.piecesOf(file);
  let count = 0;
  for (let piece = from; piece < to; piece++) if (right.has(piece)) count += 1;
  if (count === 0) return false;
  try {
    return await place(host, file, source, count === to - from, found);
  } catch (error) {
    // It is fetched like any other, and that says what is wrong.
    if (!isWorlds(error)) throw error;
    return false;
  }
}

async function place(
  host: HereHost,
  file: number,
  source: Source,
  isWhole: boolean,
  found: Found[],
): Promise<boolean> {
  const { files, notices, target, names } = host;
  const { where, path, facts } = source;
  const told = (how: FoundHow): void =>
    void found.push({ kind: 'found-here', path: target.shown(names.final(file)), from: path, how });
  if (where === 'unfinished') {
    files.takeOver(file);
    return true;
  }
  if (where === 'own-name' && isWhole) {
    files.adoptWhole(file, facts);
    told('in-place');
    return true;
  }
  const isLinked = where === 'elsewhere' && isWhole && host.links && (await files.linkFrom(file, path));
  if (!isLinked) await files.copyFrom(file, path);
  // What was changed behind our back is not what was verified.
  const now = await orNull(stat(path, { bigint: true }));
  if (now === null || !isAsNoted(now, facts)) {
    files.lose(file);
    return false;
  }
  if (where === 'own-name') notices.tell({ kind: 'file-changed', path: target.shown(names.final(file)) });
  else told(isLinked ? 'linked' : 'copied');
  return true;
}
