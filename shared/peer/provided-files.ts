/**
 * [LB3] Whether files that a person chose are those of a share that was made earlier: number, sizes and names by the
 * manifest, then some pieces by their hash. Not all of it is hashed again: every piece is, before it is served ([SO3]).
 * Knows no store and no engine.
 */
import { pieceSizeFor, pieceSizes, pieceSizesOf } from '../geometry.ts';
import type { ContentUrl, Manifest, ShareFile } from '../manifest/manifest.ts';
import { cleanComment } from '../manifest/draft.ts';
import { distinctPaths } from '../manifest/path-tree.ts';
import { safeSegment } from '../manifest/paths.ts';
import { FileSource } from './block-sources.ts';
import { PieceCache } from './piece-cache.ts';
import type { Digest, Entropy, FileContent, Files, FileToShare } from './ports.ts';
import { sampled } from './sampled.ts';
import type { InfoHash } from '../ids.ts';
import type { FilesRefused, ShareRequest } from './verbs.ts';

/** `files`: in the manifest's order; `content`: all of them as one. */
export type Provided =
  | { kind: 'fits'; content: FileContent; files: readonly FileContent[] }
  | { kind: 'refused'; why: FilesRefused };

export interface SamplePorts {
  readonly digest: Digest;
  readonly entropy: Entropy;
  readonly files: Files;
}

export async function providedFiles(
  infoHash: InfoHash,
  manifest: Manifest,
  given: readonly FileToShare[],
  { digest, entropy, files }: SamplePorts,
): Promise<Provided> {
  const ordered = inManifestOrder(manifest.files, given);
  if (ordered === null) return { kind: 'refused', why: 'other-files' };
  if (ordered.some(({ size }, nth) => size !== manifest.files[nth]?.size))
    return { kind: 'refused', why: 'changed' };
  const content = files.join(ordered);
  // What was read of it earlier says nothing about what is there now.
  const source = new FileSource(infoHash, manifest.pieces, content, digest, new PieceCache(0));
  for (const piece of sampled(manifest.pieces.length, entropy)) {
    const read = await source.read(piece, 0, manifest.pieces[piece]?.size ?? 0);
    if (read.kind === 'unreadable')
      return { kind: 'refused', why: read.why === 'changed' ? 'changed' : 'gone' };
  }
  return { kind: 'fits', content, files: ordered };
}

/**
 * [LB4] A request that would make the same share again, but for its salt and its date: name, comment and pieces come out
 * the same, and the dates of the files are.
 */
export function isSameShare(manifest: Manifest, request: ShareRequest): boolean {
  const { files, folders } = request;
  const safe = distinctPaths({ files: files.map(({ path }) => path), folders });
  return (
    safeSegment(request.name) === manifest.name &&
    cleanComment(request.comment) === manifest.comment &&
    hasPiecesOf(manifest, request.pieceBytes) &&
    files.length === manifest.files.length &&
    samePaths(safe.folders, manifest.folders) &&
    sameUrls(request.urls ?? [], manifest.urls) &&
    samePaths(
      safe.files,
      manifest.files.map(({ path }) => path),
    ) &&
    files.every(({ content, modified }, nth) => {
      const known = manifest.files[nth];
      return known?.size === content.size && known.modified === modified;
    })
  );
}

function sameUrls(one: readonly ContentUrl[], other: readonly ContentUrl[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ url, file }, nth) => url === other[nth]?.url && file === other[nth].file)
  );
}

/** [GM2] Small shares have the same pieces by different sizes; those of older versions run over all files. */
function hasPiecesOf({ pieces, files, totalBytes }: Manifest, chosen: number | null): boolean {
  const pieceBytes = pieceSizeFor(totalBytes, chosen);
  if (pieceBytes === null) return false;
  const sizes = files.map(({ size }) => size);
  return [pieceSizesOf(sizes, pieceBytes), pieceSizes(totalBytes, pieceBytes)].some(
    (cut) => cut.length === pieces.length && pieces.every(({ size }, nth) => size === cut[nth]),
  );
}

/** Null: they are others. One file may have another name by now; of several each is known by its path. */
function inManifestOrder(
  known: readonly ShareFile[],
  given: readonly FileToShare[],
): readonly FileContent[] | null {
  if (given.length !== known.length) return null;
  if (given.length === 1) return given.map(({ content }) => content);
  const safe = distinctPaths({ files: given.map(({ path }) => path), folders: [] }).files;
  const byPath = new Map(safe.map((path, nth) => [path.join('/'), given[nth]?.content]));
  const ordered = known.map(({ path }) => byPath.get(path.join('/')));
  return ordered.every((content) => content !== undefined) ? ordered : null;
}

function samePaths(one: readonly (readonly string[])[], other: readonly (readonly string[])[]): boolean {
  return one.length === other.length && one.every((path, nth) => path.join('/') === other[nth]?.join('/'));
}
