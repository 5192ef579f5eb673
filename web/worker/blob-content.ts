/**
 * A person's file as the peer reads it, and what it means when it cannot be read, by browser ([SO4], tried in Chromium
 * 156 and Firefox 153): Chromium rejects with NotFoundError for a deleted or renamed file and with NotReadableError for
 * one whose modification time differs or that may no longer be read; Firefox rejects with AbortError for a deleted one
 * and hands out a changed file's new bytes without a word, fewer of them if it shrank. So bytes are checked as well.
 */
import type { ContentReader, FileBytes, FileContent } from '../../shared/peer/ports.ts';
import { slicedReader } from '../../shared/peer/sliced-reader.ts';
import type { FileHandle } from './file-handle.ts';

export class BlobContent implements FileContent {
  readonly #blob: Blob;
  /** [LB5] What leads back to the file after a restart; null: nothing does. */
  readonly handle: FileHandle | null;

  constructor(blob: Blob, handle: FileHandle | null = null) {
    this.#blob = blob;
    this.handle = handle;
  }

  /** A Blob of Files holds references: the browser reads across their borders, nothing is copied. */
  static join(files: readonly FileContent[]): FileContent {
    return new BlobContent(
      new Blob(files.flatMap((file) => (file instanceof BlobContent ? [file.#blob] : []))),
    );
  }

  get size(): number {
    return this.#blob.size;
  }

  async read(from: number, to: number): Promise<FileBytes> {
    try {
      const bytes = new Uint8Array(await this.#blob.slice(from, to).arrayBuffer());
      return bytes.byteLength === to - from
        ? { kind: 'read', bytes }
        : { kind: 'unreadable', why: 'changed' };
    } catch (error) {
      return { kind: 'unreadable', why: isGone(error) ? 'vanished' : 'changed' };
    }
  }

  inOrder(): ContentReader {
    const stream = this.#blob.stream();
    try {
      return new StreamedContent(stream.getReader({ mode: 'byob' }), this);
    } catch (error) {
      // Where the browser has no such reader.
      if (error instanceof TypeError) return slicedReader(this);
      throw error;
    }
  }
}

/** Half the time and a quarter of the memory of slices: their buffers lie about until the collector comes. */
class StreamedContent implements ContentReader {
  readonly #reader: ReadableStreamBYOBReader;
  readonly #content: BlobContent;
  #at = 0;

  constructor(reader: ReadableStreamBYOBReader, content: BlobContent) {
    this.#reader = reader;
    this.#content = content;
  }

  async next(bytes: number, buffer: ArrayBuffer): Promise<FileBytes> {
    let [room, filled] = [buffer, 0];
    try {
      while (filled < bytes) {
        const { value, done } = await this.#reader.read(new Uint8Array(room, filled, bytes - filled));
        if (done || value === undefined) return { kind: 'unreadable', why: 'changed' };
        room = value.buffer;
        filled += value.length;
      }
    } catch {
      return this.#whyNot(bytes);
    }
    this.#at += bytes;
    return { kind: 'read', bytes: new Uint8Array(room, 0, bytes) };
  }

  end(): void {
    // A stream that failed has nothing left to let go of.
    this.#reader.cancel().catch(() => undefined);
  }

  /** Browsers say of a slice what a stream's failure does not tell. */
  async #whyNot(bytes: number): Promise<FileBytes> {
    const sliced = await this.#content.read(this.#at, this.#at + bytes);
    return sliced.kind === 'unreadable' ? sliced : { kind: 'unreadable', why: 'changed' };
  }
}

function isGone(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('name' in error)) return false;
  return error.name === 'NotFoundError' || error.name === 'AbortError';
}
