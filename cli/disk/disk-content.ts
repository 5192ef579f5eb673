/**
 * [HL40] A person's file as the peer reads it ([SO1]), and what it means when it cannot be read ([SO4]): a file whose size,
 * date or number on its disk is another one now was changed, one that its name no longer leads to has vanished. Bytes are
 * hashed before they count, whatever this says. Open files are few ([HL34]).
 */
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { ContentReader, FileBytes, FileContent, Files } from '../../shared/peer/ports.ts';
import type { Descriptors } from './descriptors.ts';
import { pageBytes, readAll } from './file-io.ts';
import { isSameFile } from './target-folder.ts';
import { codeOf, fileTroubleOf, isWorlds } from './trouble.ts';

/** As text, or as bytes where the name is no UTF-8. */
export type AnyPath = string | Buffer;

// A named pipe that has taken the file's place must not hold anybody up.
const READ_NOW = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export class DiskContent implements FileContent {
  readonly path: AnyPath;
  readonly size: number;
  readonly #then: BigIntStats;
  readonly #descriptors: Descriptors;

  /** `then`: the file as it is from now on; links are followed. */
  constructor(path: AnyPath, then: BigIntStats, descriptors: Descriptors) {
    this.path = path;
    this.#then = then;
    this.size = Number(then.size);
    this.#descriptors = descriptors;
  }

  /** Milliseconds since 1970. */
  get modified(): number {
    return Number(this.#then.mtimeMs);
  }

  async read(from: number, to: number): Promise<FileBytes> {
    if (to > this.size) return { kind: 'unreadable', why: 'changed' };
    return this.readInto(pageBytes(Math.max(0, to - from)), from);
  }

  inOrder(): ContentReader {
    return readerInto((into, at) => this.readInto(into, at));
  }

  /** All of the room is filled, or the file is unreadable. */
  async readInto(into: Uint8Array<ArrayBuffer>, from: number): Promise<FileBytes> {
    try {
      const key = `r:${Buffer.isBuffer(this.path) ? this.path.toString('latin1') : this.path}`;
      return await this.#descriptors.using(
        key,
        () => open(this.path, READ_NOW),
        async (file) => {
          const isRead = await readAll(file, into, from);
          // Afterwards: what was changed while it was read is found out, too.
          if (isRead && (await this.#isAsThen(file))) return { kind: 'read', bytes: into };
          void this.#descriptors.letGo(key);
          return this.#whyNot();
        },
      );
    } catch (error) {
      if (!isWorlds(error)) throw error;
      return { kind: 'unreadable', why: fileTroubleOf(error) };
    }
  }

  async #isAsThen(file: FileHandle): Promise<boolean> {
    const now = await file.stat({ bigint: true });
    const { size, mtimeNs } = this.#then;
    return isSameFile(now, this.#then) && now.size === size && now.mtimeNs === mtimeNs && now.nlink > 0n;
  }

  async #whyNot(): Promise<FileBytes> {
    try {
      await stat(this.path);
      return { kind: 'unreadable', why: 'changed' };
    } catch (error) {
      if (codeOf(error) === '') throw error;
      return { kind: 'unreadable', why: fileTroubleOf(error) };
    }
  }
}

/** Null: there is no file that can be read. */
export async function contentAt(path: AnyPath, descriptors: Descriptors): Promise<DiskContent | null> {
  try {
    const found = await stat(path, { bigint: true });
    return found.isFile() ? new DiskContent(path, found, descriptors) : null;
  } catch (error) {
    if (!isWorlds(error)) throw error;
    return null;
  }
}

type ReadInto = (into: Uint8Array<ArrayBuffer>, at: number) => Promise<FileBytes>;

function readerInto(readInto: ReadInto): ContentReader {
  let at = 0;
  return {
    async next(bytes, buffer) {
      const read = await readInto(new Uint8Array(buffer, 0, bytes), at);
      at += bytes;
      return read;
    },
    end: () => undefined,
  };
}

export const diskFiles: Files = { join: (files) => new JoinedContent(files) };

/** [SO1] One behind the other, read across their borders into one buffer. */
class JoinedContent implements FileContent {
  readonly size: number;
  readonly #files: readonly FileContent[];
  readonly #starts: Float64Array;

  constructor(files: readonly FileContent[]) {
    this.#files = files.filter(({ size }) => size > 0);
    this.#starts = new Float64Array(this.#files.length);
    let sum = 0;
    this.#files.forEach(({ size }, nth) => {
      this.#starts[nth] = sum;
      sum += size;
    });
    this.size = sum;
  }

  async read(from: number, to: number): Promise<FileBytes> {
    if (to > this.size) return { kind: 'unreadable', why: 'changed' };
    return this.#readInto(pageBytes(Math.max(0, to - from)), from);
  }

  inOrder(): ContentReader {
    return readerInto((into, at) => this.#readInto(into, at));
  }

  async #readInto(into: Uint8Array<ArrayBuffer>, from: number): Promise<FileBytes> {
    if (from + into.length > this.size) return { kind: 'unreadable', why: 'changed' };
    let done = 0;
    for (let nth = this.#fileAt(from); done < into.length; nth++) {
      const [file, start] = [this.#files[nth], this.#starts[nth] ?? 0];
      if (file === undefined) return { kind: 'unreadable', why: 'changed' };
      const at = from + done - start;
      const room = into.subarray(done, done + Math.min(into.length - done, file.size - at));
      const read = await readPart(file, room, at);
      if (read.kind === 'unreadable') return read;
      done += room.length;
    }
    return { kind: 'read', bytes: into };
  }

  /** The file that holds this byte. */
  #fileAt(byte: number): number {
    let [low, high] = [0, Math.max(0, this.#starts.length - 1)];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= byte) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

async function readPart(file: FileContent, room: Uint8Array<ArrayBuffer>, at: number): Promise<FileBytes> {
  if (file instanceof DiskContent) return file.readInto(room, at);
  const read = await file.read(at, at + room.length);
  if (read.kind === 'read') room.set(read.bytes);
  return read;
}
