/** Files in memory, which a test can change or take away. */
import type { ReadTrouble } from '../../engine/io.ts';
import { joinContents } from './joined-content.ts';
import type { ContentReader, FileBytes, FileContent, Files } from '../ports.ts';
import { slicedReader } from '../sliced-reader.ts';

export class MemoryFile implements FileContent {
  readonly size: number;
  /** How often it was read. */
  reads = 0;
  #bytes: Uint8Array<ArrayBuffer>;
  #trouble: Exclude<ReadTrouble, 'missing'> | null = null;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  async read(from: number, to: number): Promise<FileBytes> {
    this.reads += 1;
    const bytes = this.#bytes.slice(from, to);
    const why = this.#trouble ?? (bytes.length === to - from ? null : 'changed');
    return why === null ? { kind: 'read', bytes } : { kind: 'unreadable', why };
  }

  inOrder(): ContentReader {
    return slicedReader(this);
  }

  /** Behind everybody's back: nothing tells of it but the bytes. */
  rewrite(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
  }

  /** As it was. */
  isBack(): void {
    this.#trouble = null;
  }

  /** As a platform tells of it. */
  becomes(trouble: Exclude<ReadTrouble, 'missing'>): void {
    this.#trouble = trouble;
  }
}

export const memoryFiles: Files = { join: joinContents };
