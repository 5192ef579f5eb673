/** [LB1] The library in IndexedDB, beside the pieces. What cannot be written or read is as if it were not there ([ST5]). */
import type { InfoHash } from '../../../shared/ids.ts';
import type { LibraryEntry, LibraryStore } from '../../../shared/peer/library-store.ts';
import type { Connection } from './connection.ts';
import { beginAlone } from './schema.ts';
import { settled } from './settled.ts';

export class IndexedDbLibrary implements LibraryStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async entries(): Promise<LibraryEntry[]> {
    return this.#connection.reading(
      (database) => beginAlone(database, 'library', 'readonly').store.getAll(),
      [],
    );
  }

  async entry(infoHash: InfoHash): Promise<LibraryEntry | null> {
    return this.#connection.reading(
      async (database) => (await beginAlone(database, 'library', 'readonly').store.get(infoHash)) ?? null,
      null,
    );
  }

  async put(entry: LibraryEntry): Promise<void> {
    await this.#connection.writing(async (database) => {
      const { store, done } = beginAlone(database, 'library', 'readwrite');
      await settled([store.put(entry, entry.infoHash), done]);
    });
  }

  async remove(infoHash: InfoHash): Promise<void> {
    await this.#connection.writing(async (database) => {
      const { store, done } = beginAlone(database, 'library', 'readwrite');
      await settled([store.delete(infoHash), done]);
    });
  }
}
