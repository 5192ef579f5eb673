/** What a platform lets a peer keep hold of, in memory: a test says what has become of it. */
import type { InfoHash } from '../../ids.ts';
import type { FileToShare, KeptFiles, KeptOpening } from '../ports.ts';

export class MemoryKept implements KeptFiles {
  /** What whoever opens it finds instead of the files; null: the files. */
  finds: Exclude<KeptOpening['kind'], 'opened'> | null = null;
  /** Whether files can be kept hold of. */
  keeps = true;
  readonly #files = new Map<InfoHash, readonly FileToShare[]>();

  async keep(infoHash: InfoHash, files: readonly FileToShare[]): Promise<boolean> {
    this.#files.delete(infoHash);
    if (this.keeps) this.#files.set(infoHash, files);
    return this.keeps;
  }

  async open(infoHash: InfoHash): Promise<KeptOpening> {
    const files = this.#files.get(infoHash);
    if (files === undefined) return { kind: 'not-kept' };
    return this.finds === null ? { kind: 'opened', files } : { kind: this.finds };
  }

  async shares(): Promise<InfoHash[]> {
    return [...this.#files.keys()];
  }

  async forget(infoHash: InfoHash): Promise<void> {
    this.#files.delete(infoHash);
  }
}
