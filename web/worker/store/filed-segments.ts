/**
 * [ST16] Which file belongs to which segment. The database decides: a file is written before the transaction that makes a
 * segment of it, and removed behind the one that ends the segment. What a browser that died in between has left, or a
 * transaction did not use, is an orphan, and is removed. Owns the keys of this opening, and the files that no transaction
 * has used yet.
 */
import type { Connection } from './connection.ts';
import { ORPHAN_PATIENCE_MS } from './limits.ts';
import { beginReading } from './schema.ts';
import type { InFile, SegmentKey, WrittenKey } from './schema.ts';
import { SegmentFile } from './segment-files.ts';
import type { SegmentFiles } from './segment-files.ts';
import { segmentFileName, SegmentKeys } from './segment-keys.ts';

type Parts = readonly Uint8Array<ArrayBuffer>[];

/** A segment whose bytes are in a file already. */
export interface Filed {
  readonly parts: Parts;
  readonly segment: { readonly key: WrittenKey; readonly value: InFile };
}

export class FiledSegments {
  readonly #connection: Connection;
  readonly #files: SegmentFiles;
  readonly #keys = new SegmentKeys();
  /** Their names. */
  readonly #unused = new Set<string>();
  #hasWorked = false;
  /** The browser lets us have none: it is not asked again. */
  #isOff = false;
  #isSwept = false;

  constructor(connection: Connection, files: SegmentFiles) {
    this.#connection = connection;
    this.#files = files;
  }

  nextKey(): WrittenKey {
    return this.#keys.next();
  }

  /**
   * Those of the groups whose bytes went into a file. Where there was no room for one, the database has the last word:
   * browsers set more aside for a file that is being written than it takes.
   */
  async write(groups: readonly Parts[]): Promise<{ filed: Filed[]; lacksRoom: boolean }> {
    const filed: Filed[] = [];
    let lacksRoom = false;
    if (this.#isOff || groups.length === 0) return { filed, lacksRoom };
    const write = async (parts: Parts): Promise<void> => {
      const key = this.nextKey();
      const name = segmentFileName(key);
      this.#unused.add(name);
      const outcome = await this.#files.write(name, parts);
      const fileBytes = parts.reduce((sum, part) => sum + part.length, 0);
      if (outcome === 'written') filed.push({ parts, segment: { key, value: { fileBytes } } });
      else this.#unused.delete(name);
      this.#hasWorked ||= outcome !== 'unavailable';
      lacksRoom ||= outcome === 'quota';
    };
    await Promise.all(groups.map(write));
    this.#isOff = !this.#hasWorked;
    return { filed, lacksRoom };
  }

  /** A transaction has made these segments and ended those. */
  async changed(made: readonly SegmentKey[], ended: readonly SegmentKey[]): Promise<void> {
    for (const key of made) this.#unused.delete(segmentFileName(key));
    await this.#files.remove(ended.map(segmentFileName));
  }

  /** No transaction will use them any more. What one has used that does not know that it was stored stays. */
  async leave(filed: readonly Filed[]): Promise<void> {
    const names = filed
      .map(({ segment }) => segmentFileName(segment.key))
      .filter((name) => this.#unused.delete(name));
    if (names.length > 0) await this.#files.remove(await this.#orphans(names));
  }

  /** What is read of a segment. */
  valueOf(key: SegmentKey, value: Blob | ArrayBuffer | InFile): Blob | ArrayBuffer | SegmentFile {
    return 'fileBytes' in value ? new SegmentFile(this.#files, segmentFileName(key), value.fileBytes) : value;
  }

  /**
   * Removes the orphans of earlier openings, once, when there is nothing else to do. The worker of a tab that has just
   * ended may be about to begin the transaction for what it has written: the files of the last minute stay for the next
   * opening. A clock that was set back makes orphans stay longer.
   */
  async sweep(): Promise<void> {
    if (this.#isSwept) return;
    this.#isSwept = true;
    const orphans = await this.#orphans(
      (await this.#files.list()).filter((name) => this.#keys.isOfEarlier(name)),
    );
    const old: string[] = [];
    for (const name of orphans) {
      const writtenAt = await this.#files.writtenAt(name);
      if (writtenAt !== null && writtenAt < Date.now() - ORPHAN_PATIENCE_MS) old.push(name);
    }
    await this.#files.remove(old);
  }

  /** [LB16] Every file that no segment has. */
  async erase(): Promise<void> {
    const all = await this.#files.list();
    await this.#files.remove(await this.#orphans(all.filter((name) => !this.#unused.has(name))));
  }

  close(): void {
    this.#files.close();
  }

  /** A transaction that began before this question is over when it is answered. None, where it cannot be answered. */
  async #orphans(names: readonly string[]): Promise<string[]> {
    if (names.length === 0) return [];
    return this.#connection.reading(async (database) => {
      const segments = new Set(
        (await beginReading(database).objectStore('pieces').getAllKeys()).map(segmentFileName),
      );
      return names.filter((name) => !segments.has(name));
    }, []);
  }
}
