/** What a person has set, in IndexedDB. What cannot be written or read is as if it had not been set ([ST5]). */
import type { Settings, SettingsStore } from '../../../shared/peer/settings.ts';
import type { Connection } from './connection.ts';
import { beginAlone } from './schema.ts';
import { settled } from './settled.ts';

const KEY = 'settings';

export class IndexedDbSettings implements SettingsStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  read(): Promise<unknown> {
    return this.#connection.reading(
      (database) => beginAlone(database, 'settings', 'readonly').store.get(KEY),
      null,
    );
  }

  async write(settings: Settings): Promise<void> {
    await this.#connection.writing(async (database) => {
      const { store, done } = beginAlone(database, 'settings', 'readwrite');
      await settled([store.put(settings, KEY), done]);
    });
  }
}
