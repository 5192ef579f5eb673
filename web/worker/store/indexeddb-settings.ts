/** What a person has set, in IndexedDB. What cannot be written or read is as if it had not been set ([ST5]). */
import type { Settings, SettingsStore } from '../../../shared/peer/settings.ts';
import type { Connection } from './connection.ts';

const KEY = 'settings';

export class IndexedDbSettings implements SettingsStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  read(): Promise<unknown> {
    return this.#connection.reading((database) => database.get('settings', KEY), null);
  }

  async write(settings: Settings): Promise<void> {
    await this.#connection.writing(async (database) => {
      await database.put('settings', settings, KEY);
    });
  }
}
