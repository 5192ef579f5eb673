/** [LB8] [HL36] Whether a session runs, or ran and did not end, in a JSON file that is written with `fsync`. */
import * as v from 'valibot';
import type { InfoHash } from '../../shared/ids.ts';
import type { SessionMarks } from '../../shared/peer/session-marks.ts';
import { Queue } from './at-once.ts';
import { JsonFile } from './json-file.ts';
import type { Notices } from './notices.ts';
import { tellTrouble } from './tell-trouble.ts';
import { isWorlds } from './trouble.ts';

interface Marks {
  readonly isRunning: boolean;
  readonly unchecked: readonly string[];
}

const Stored = v.object({ isRunning: v.boolean(), unchecked: v.array(v.string()) });

export class DiskMarks implements SessionMarks {
  readonly #file: JsonFile;
  readonly #notices: Notices;
  readonly #changes = new Queue();

  constructor(path: string, notices: Notices) {
    this.#file = new JsonFile(path, notices);
    this.#notices = notices;
  }

  begun(shares: readonly InfoHash[]): Promise<void> {
    return this.#change(({ isRunning, unchecked }) => ({
      isRunning: true,
      unchecked: isRunning ? [...new Set([...unchecked, ...shares])] : unchecked,
    }));
  }

  ended(): Promise<void> {
    return this.#change(({ unchecked }) => ({ isRunning: false, unchecked }));
  }

  async isUnchecked(infoHash: InfoHash): Promise<boolean> {
    return this.#changes.run(async () => (await this.#read()).unchecked.includes(infoHash));
  }

  checked(infoHash: InfoHash): Promise<void> {
    return this.#change(({ isRunning, unchecked }) => {
      return { isRunning, unchecked: unchecked.filter((one) => one !== infoHash) };
    });
  }

  #change(change: (marks: Marks) => Marks): Promise<void> {
    return this.#changes.run(async () => {
      const before = await this.#read();
      const after = change(before);
      if (JSON.stringify(after) === JSON.stringify(before)) return;
      try {
        await this.#file.write(() => after);
      } catch (error) {
        if (!isWorlds(error)) throw error;
        tellTrouble(this.#notices, this.#file.path, error);
      }
    });
  }

  async #read(): Promise<Marks> {
    const read = await this.#file.read((json) => {
      const stored = v.safeParse(Stored, json);
      return stored.success ? stored.output : null;
    });
    return read ?? { isRunning: false, unchecked: [] };
  }
}
