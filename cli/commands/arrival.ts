/**
 * What all downloads of a terminal have in common ([HL14] [HL67]), whatever leads to them: they are waited for, given up where
 * nothing comes for too long, told when they are whole, and passed on for a while. Decides nothing about what is fetched.
 */
import { join } from 'node:path';
import type { InfoHash } from '../../shared/ids.ts';
import { resourceFileName } from '../../shared/manifest/saved-paths.ts';
import type { Clock } from '../../shared/peer/ports.ts';
import { troubleSentence } from '../terminal/status-words.ts';
import type { Here } from './command.ts';
import { DONE, Ended, INTERRUPTED, notDone } from './exit.ts';
import type { ExitCode } from './exit.ts';
import { progressOf } from './follow.ts';
import type { Call, Options } from './options.ts';
import type { Host, OpenedDisk } from './ports.ts';
import { timeOf } from './quantities.ts';
import { tellSaved } from './saved.ts';
import { writeWhole } from './system.ts';
import type { Telling } from './telling.ts';
import { waited } from './waiting.ts';

export const OUTPUT_OPTION: Options = {
  output: { kind: 'text', short: 'o', value: 'DIR', about: 'folder to write to (otherwise this one)' },
};
export const SEED_FOR_OPTION: Options = {
  'seed-for': {
    kind: 'text',
    value: 'TIME',
    about: 'pass it on afterwards: 30s, 10m, 2h or forever (otherwise not)',
  },
};
export const GIVE_UP_OPTION: Options = {
  'give-up-after': {
    kind: 'text',
    value: 'TIME',
    about: 'end where nothing has come for so long (otherwise it waits)',
  },
};
export const RESOURCE_OPTION: Options = {
  'with-resource': { kind: 'flag', about: 'write its resource file beside it, to pass on' },
};

/** ms */
export interface Times {
  readonly seed: number;
  readonly patience: number;
}

/** Throws where they are none. */
export function timesOf(call: Call): Times {
  const patience = call.text('give-up-after');
  return {
    seed: timeOf('seed-for', call.text('seed-for') ?? '0s'),
    patience: patience === null ? Infinity : timeOf('give-up-after', patience),
  };
}

export interface ArrivalParts {
  readonly call: Call;
  readonly here: Here;
  readonly telling: Telling;
  readonly clock: Clock;
  readonly host: Host;
  readonly disk: OpenedDisk;
  readonly folder: string;
  readonly times: Times;
  /** The command that goes on where this one ends. */
  readonly again: () => string;
}

/** ms for telling the others what came last ([PL3]): who counts its receivers counts this one, too ([EN8]). */
const FAREWELL_MS = 2_000;

export class Arrival {
  readonly #parts: ArrivalParts;
  readonly #givenUp: Promise<never>;
  readonly #stopWatching: () => void;
  #reject: (why: Ended) => void = () => undefined;
  #cancel: () => void = () => undefined;
  #bytes = -1;

  /** From now on it is waited for. */
  constructor(parts: ArrivalParts) {
    this.#parts = parts;
    this.#givenUp = new Promise<never>((_, give) => (this.#reject = give));
    this.#givenUp.catch(() => undefined);
    this.#stopWatching = parts.telling.watch(() => this.#look());
    this.#look();
    parts.here.interrupted.addEventListener('abort', () => this.end(), { once: true });
  }

  /** Something came of which no figure tells. */
  moved(): void {
    this.#cancel();
    const { clock, times } = this.#parts;
    if (times.patience === Infinity) return;
    this.#cancel = clock.after(times.patience, () =>
      this.#reject(
        notDone(
          `Nothing has come for too long, so this was given up. What has arrived is kept. To go on: ${this.#parts.again()}`,
        ),
      ),
    );
  }

  /** It is not waited for any more. */
  end(): void {
    this.#stopWatching();
    this.#cancel();
  }

  /** Settles as soon as there is an answer. Rejects where it is given up or somebody wants it to end, who is told how to go on. */
  waitFor<Answer>(find: () => Answer | null): Promise<Answer> {
    return this.unlessEnded(this.#parts.telling.until(find, this.#parts.here.interrupted));
  }

  /** The same of something else that is waited for; null: somebody wants it to end. */
  async unlessEnded<Answer>(waiting: Promise<Answer | null>): Promise<Answer> {
    const answer = await Promise.race([waiting, this.#givenUp]);
    if (answer === null)
      throw new Ended(INTERRUPTED, `Stopped. What has arrived is kept. To go on: ${this.#parts.again()}`);
    return answer;
  }

  /** Settles when all that is wanted of it is here. */
  async whole(infoHash: InfoHash): Promise<void> {
    const { telling } = this.#parts;
    const end = await this.waitFor(() => {
      const snapshot = telling.snapshots.get(infoHash);
      if (telling.broken.has(infoHash)) return 'broken';
      if (snapshot?.phase === 'failed') return snapshot.trouble;
      return snapshot?.phase === 'complete' ? 'complete' : null;
    });
    if (end === 'complete') return;
    throw notDone(troubleSentence(end === 'broken' ? { kind: 'broken' } : end));
  }

  /** It gets its names. Answers how many files and bytes it is. */
  async placed(infoHash: InfoHash): Promise<{ readonly files: number; readonly size: number }> {
    const { here, disk } = this.#parts;
    const snapshot = this.#parts.telling.snapshots.get(infoHash);
    const outcome = await disk.finish(infoHash);
    if (snapshot !== undefined) here.screen.tell(progressOf(snapshot));
    if (outcome !== null) tellSaved(here.screen, infoHash, outcome);
    return {
      files: snapshot?.wanted?.files ?? outcome?.files.length ?? 0,
      size: snapshot?.wanted?.bytes ?? snapshot?.totalBytes ?? 0,
    };
  }

  /** It was told that it is here. */
  async saved(infoHash: InfoHash, name: string): Promise<void> {
    const { host, call, folder } = this.#parts;
    await host.peer.saves.saved(infoHash);
    if (!call.has('with-resource')) return;
    const bytes = await host.peer.resources.bytesOf(infoHash);
    if (bytes !== null) await writeWhole(join(folder, resourceFileName(name)), bytes, true);
  }

  async passedOn(infoHash: InfoHash): Promise<ExitCode> {
    const { times, clock, here, telling } = this.#parts;
    if (times.seed === 0) {
      const { peers = [] } = telling.snapshots.get(infoHash) ?? {};
      if (peers.length > 0) await waited(FAREWELL_MS, clock, here.interrupted);
      return DONE;
    }
    here.screen.tell({ type: 'note', message: 'Passing it on. Ctrl+C ends that.' });
    if ((await waited(times.seed, clock, here.interrupted)) === 'passed') return DONE;
    throw new Ended(INTERRUPTED, 'Stopped passing it on. The download is complete.');
  }

  #look(): void {
    const now = [...this.#parts.telling.snapshots.values()].reduce((sum, one) => sum + one.receivedBytes, 0);
    if (now !== this.#bytes) this.moved();
    this.#bytes = now;
  }
}
