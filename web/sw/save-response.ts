/**
 * A stored share as the response that the browser downloads ([SA3]): pieces are read one by one as the download
 * takes them, so a file of any size passes through a few pieces of memory. A piece that is missing ends the stream
 * with an error, which fails the download: never a file that is silently short. One that still comes waits for its pieces
 * ([SA16]). Knows no events and no messages.
 */
import { makeZip, predictLength } from 'client-zip';
import { attachment } from '../worker/saving/content-disposition.ts';
import { ShareReader } from '../worker/saving/share-reader.ts';
import type { PiecesComing } from '../worker/saving/share-reader.ts';
import type { SaveFailure, SaveReadiness, SaveTarget } from '../worker/saving/save-messages.ts';
import { downloadName, zipEntries } from '../worker/saving/zip-entries.ts';
import type { ZipEntry } from '../worker/saving/zip-entries.ts';
import { wantedOf } from '../worker/saving/wanted-of.ts';
import type { KeptShares, WantedShare } from '../worker/saving/wanted-of.ts';

/** What is told while the response is consumed. */
export interface SaveWatcher {
  begun(): void;
  saved(): void;
  failed(why: SaveFailure): void;
}

/** Chunks (of at most a piece) that are read before the download asks for them. */
const CHUNKS_AHEAD = 1;

export async function readiness(kept: KeptShares, target: SaveTarget): Promise<SaveReadiness> {
  const { store } = kept;
  const wanted = await wantedOf(kept, target.infoHash);
  const files = wanted === null ? null : filesOf(wanted, target);
  if (wanted === null || files === null) return { kind: 'absent' };
  const reader = new ShareReader(store, target.infoHash, wanted.manifest);
  const owned = new Set(await store.ownedPieces(target.infoHash));
  for (const file of files) {
    for (const { piece } of reader.stretches(file)) if (!owned.has(piece)) return { kind: 'incomplete' };
  }
  return { kind: 'ready' };
}

/** [SA16] Whether it can be saved as it comes: one file, whose share is here by now. */
export async function readinessToCome(kept: KeptShares, target: SaveTarget): Promise<SaveReadiness> {
  const wanted = await wantedOf(kept, target.infoHash);
  const { file } = target;
  if (file === 'zip' || wanted?.manifest.files[file] === undefined) return { kind: 'absent' };
  const reader = new ShareReader(kept.store, target.infoHash, wanted.manifest);
  const pieces = [...reader.stretches(file)].map(({ piece }) => piece);
  return { kind: 'comes', from: pieces[0] ?? 0, to: (pieces.at(-1) ?? -1) + 1 };
}

/** `pieces`: those that are stored, of one file that comes. Null: no such share or file here. */
export async function saveResponse(
  kept: KeptShares,
  target: SaveTarget,
  watcher: SaveWatcher,
  pieces?: PiecesComing,
): Promise<Response | null> {
  const wanted = await wantedOf(kept, target.infoHash);
  if (wanted === null || filesOf(wanted, target) === null) return null;
  const { manifest, files } = wanted;
  const reader = new ShareReader(kept.store, target.infoHash, manifest);
  const { file } = target;
  const entries = file === 'zip' ? zipEntries(manifest, files) : [];
  const chunks = file === 'zip' ? zipChunks(reader, entries) : reader.chunks(file, pieces);
  const size = file === 'zip' ? Number(predictLength(entries)) : (manifest.files[file]?.size ?? 0);
  return new Response(watched(chunks, watcher, pieces?.breaksOff), {
    headers: headersOf(downloadName(manifest, file), size),
  });
}

function headersOf(name: string, size: number): Record<string, string> {
  return {
    'content-disposition': attachment(name),
    'content-length': String(size),
    // [SA5] What strangers sent is never shown as a page of ours.
    'content-type': 'application/octet-stream',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

/** Of a zip the wanted ones: a file whose pieces are missing is no part of it only where nobody wants it ([SA12]). */
function filesOf({ manifest, files }: WantedShare, { file }: SaveTarget): readonly number[] | null {
  if (file === 'zip') return files ?? [...manifest.files.keys()];
  return manifest.files[file] === undefined ? null : [file];
}

/** Stored, not compressed; Zip64 where it is needed. */
async function* zipChunks(
  reader: ShareReader,
  entries: readonly ZipEntry[],
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const withBytes = entries.map((entry) =>
    entry.kind === 'file' ? { ...entry, input: reader.chunks(entry.file) } : entry,
  );
  const zip = makeZip(withBytes).getReader();
  try {
    for (let read = await zip.read(); !read.done; read = await zip.read()) yield new Uint8Array(read.value);
  } finally {
    await zip.cancel();
  }
}

/** `breaksOff`: its pieces come no more. It fails then, also where the browser, whose download is paused, takes nothing. */
function watched(
  chunks: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  watcher: SaveWatcher,
  breaksOff?: Promise<void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  // A piece that is being read comes after that, and is nobody's.
  let isOver = false;
  return new ReadableStream(
    {
      start(controller) {
        watcher.begun();
        void breaksOff?.then(() => fail(controller, new Error('its pieces come no more')));
      },
      async pull(controller) {
        try {
          const next = await chunks.next();
          if (isOver) return;
          if (next.done !== true) return controller.enqueue(next.value);
          isOver = true;
          controller.close();
          watcher.saved();
        } catch (error) {
          fail(controller, error);
        }
      },
      async cancel() {
        isOver = true;
        watcher.failed('cancelled');
        await chunks.return(undefined);
      },
    },
    { highWaterMark: CHUNKS_AHEAD },
  );

  function fail(controller: ReadableStreamDefaultController, error: unknown): void {
    if (isOver) return;
    isOver = true;
    controller.error(error);
    watcher.failed('gone');
  }
}
