/** [LB8] The marks of sessions in IndexedDB, among the settings. What cannot be written or read is as if it were not there ([ST5]). */
import type { InfoHash } from '../../../shared/ids.ts';
import type { SessionMarks } from '../../../shared/peer/session-marks.ts';
import type { Connection } from './connection.ts';
import { beginAlone } from './schema.ts';
import { inOne, settled } from './settled.ts';

export const RUNNING = 'session-running';
const UNCHECKED = 'unchecked-shares';

export class IndexedDbMarks implements SessionMarks {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  begun(shares: readonly InfoHash[]): Promise<void> {
    return this.#change((running, unchecked) => ({
      running: true,
      unchecked: running ? [...new Set([...unchecked, ...shares])] : unchecked,
    }));
  }

  ended(): Promise<void> {
    return this.#change((_, unchecked) => ({ running: false, unchecked }));
  }

  async isUnchecked(infoHash: InfoHash): Promise<boolean> {
    const unchecked = await this.#connection.reading(
      (database) => beginAlone(database, 'settings', 'readonly').store.get(UNCHECKED),
      null,
    );
    return listOf(unchecked).includes(infoHash);
  }

  checked(infoHash: InfoHash): Promise<void> {
    return this.#change((running, unchecked) => ({
      running,
      unchecked: unchecked.filter((other) => other !== infoHash),
    }));
  }

  /** Strict: a mark that a power cut takes with it would say that all is well. */
  async #change(
    work: (
      running: boolean,
      unchecked: readonly string[],
    ) => { running: boolean; unchecked: readonly string[] },
  ): Promise<void> {
    await this.#connection.writing(async (database) => {
      const transaction = beginAlone(database, 'settings', 'readwrite', 'strict');
      const [running, unchecked] = await inOne([
        () => transaction.store.get(RUNNING),
        () => transaction.store.get(UNCHECKED),
      ]);
      const changed = work(running === true, listOf(unchecked));
      const written = inOne([
        () => transaction.store.put(changed.running, RUNNING),
        () => transaction.store.put(changed.unchecked, UNCHECKED),
      ]);
      await settled([written, transaction.done]);
    });
  }
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
