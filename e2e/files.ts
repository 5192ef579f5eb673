/** Real files for the tests: made in a folder of their own, hashed as a stream. */
import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { seededRandom } from '../shared/random.ts';

export interface MadeFile {
  readonly path: string;
  readonly name: string;
  readonly sha256: string;
}

/** What a large file is written from at a time. */
const CHUNK = Buffer.alloc(4 * 1024 * 1024);

export class Folder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'shoal-files-')));
  }

  /** `name` may hold folders, with slashes. The same seed gives the same bytes. */
  async file(name: string, size: number, seed = 1): Promise<MadeFile> {
    const path = join(this.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, madeBytes(size, seed));
    return { path, name: name.split('/').at(-1) ?? name, sha256: await sha256Of(path) };
  }

  /** One of which no more than a chunk is ever in memory. */
  async largeFile(name: string, size: number): Promise<MadeFile> {
    const path = join(this.path, name);
    const hash = createHash('sha256');
    const keystream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
    const file = await open(path, 'w');
    try {
      for (let left = size; left > 0; left -= Math.min(left, CHUNK.length)) {
        const bytes = keystream.update(CHUNK.subarray(0, left));
        hash.update(bytes);
        await file.writeFile(bytes);
      }
    } finally {
      await file.close();
    }
    return { path, name, sha256: hash.digest('hex') };
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Bytes that do not repeat, so that a piece in the wrong place shows. */
export function madeBytes(size: number, seed: number): Buffer {
  const random = seededRandom(seed);
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let at = 0; at < words.length; at++) words[at] = random.uint32();
  return Buffer.from(words.buffer, 0, size);
}

/** Lowercase hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
