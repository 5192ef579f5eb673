/**
 * [HL32] Which names in the target folder belong to which share of this state folder, so that no two write to one place.
 * Knows no disk.
 */
import type { InfoHash } from '../../shared/ids.ts';
import { nameKey } from '../../shared/manifest/path-tree.ts';
import type { Below } from './target-folder.ts';

export class Claims {
  readonly #tops = new Map<string, InfoHash>();
  readonly #parts = new Map<string, InfoHash>();
  readonly #reserved: ReadonlySet<string>;

  /** `reserved`: names in the target folder that no share may have. */
  constructor(reserved: readonly string[]) {
    this.#reserved = new Set(reserved.map(nameKey));
  }

  isReserved(top: string): boolean {
    return this.#reserved.has(nameKey(top));
  }

  /** Whether a share other than this one has it. */
  isAnothers(top: string, infoHash: InfoHash): boolean {
    return (this.#tops.get(nameKey(top)) ?? infoHash) !== infoHash;
  }

  take(top: string, infoHash: InfoHash): void {
    if (!this.#tops.has(nameKey(top))) this.#tops.set(nameKey(top), infoHash);
  }

  isPartOfAnother(part: Below, infoHash: InfoHash): boolean {
    return (this.#parts.get(keyOf(part)) ?? infoHash) !== infoHash;
  }

  takePart(part: Below, infoHash: InfoHash): void {
    this.#parts.set(keyOf(part), infoHash);
  }

  releasePart(part: Below): void {
    this.#parts.delete(keyOf(part));
  }

  release(infoHash: InfoHash): void {
    for (const names of [this.#tops, this.#parts]) {
      for (const [name, owner] of names) if (owner === infoHash) names.delete(name);
    }
  }
}

function keyOf(path: Below): string {
  return path.map(nameKey).join('/');
}
