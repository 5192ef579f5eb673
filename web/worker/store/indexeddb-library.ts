/** [LB1] The library in IndexedDB, beside the pieces. What cannot be written or read is as if it were not there ([ST5]). */
import type { InfoHash } from '../../../shared/ids.ts';
import type { LibraryEntry, LibraryStore } from '../../../shared/peer/library-store.ts';
import type { Connection } from './connection.ts';

export class IndexedDbLibrary implements LibraryStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async entries(): Promise<LibraryEntry[]> {
    return this.#connection.reading((database) => database.getAll('library'), []);
  }

  async entry(infoHash: InfoHash): Promise<LibraryEntry | null> {
    return this.#connection.reading(
      async (database) => (await database.get('library', infoHash)) ?? null,
      null,
    );
  }

  async put(entry: LibraryEntry): Promise<void> {
    await this.#connection.writing(async (database) => {
      await database.put('library', entry, entry.infoHash);
    });
  }

  async remove(infoHash: InfoHash): Promise<void> {
    await this.#connection.writing((database) => database.delete('library', infoHash));
  }
}
