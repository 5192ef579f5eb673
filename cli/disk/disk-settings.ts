/** [LB6] [HL36] Settings in a JSON file, which a person may change by hand: what is none in it is as it is at first. */
import type { Settings, SettingsStore } from '../../shared/peer/settings.ts';
import { JsonFile } from './json-file.ts';
import type { Notices } from './notices.ts';
import { tellTrouble } from './tell-trouble.ts';
import { isWorlds } from './trouble.ts';

export class DiskSettings implements SettingsStore {
  readonly #file: JsonFile;
  readonly #notices: Notices;

  constructor(path: string, notices: Notices) {
    this.#file = new JsonFile(path, notices);
    this.#notices = notices;
  }

  read(): Promise<unknown> {
    return this.#file.read((json) => (typeof json === 'object' ? json : null));
  }

  async write(settings: Settings): Promise<void> {
    try {
      await this.#file.write(() => settings);
    } catch (error) {
      if (!isWorlds(error)) throw error;
      tellTrouble(this.#notices, this.#file.path, error);
    }
  }
}
