/**
 * One transfer in depth ([UI24]): what happened to it, how fast it was, its files and who has which piece, asked for as long
 * as it is looked at. Owns what was told; knows no screen.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { FileRow, LoggedEvent, ShareChronicle, SpeedSample } from './session.ts';
import type { Transfers } from './transfers.svelte.ts';

/** Lines of the log that are shown. */
const MOST_LINES = 500;

export class InDepth {
  /** The newest first. */
  events = $state.raw<readonly LoggedEvent[]>([]);
  speeds = $state.raw<readonly SpeedSample[]>([]);
  /** Null: not known yet. */
  files = $state.raw<readonly FileRow[] | null>(null);
  /** How many of the connected peers have each piece; empty where that is not known. */
  copies = $state.raw<Uint8Array>(new Uint8Array());
  readonly #transfers: Transfers;
  readonly #infoHash: InfoHash;
  #asking = false;

  constructor(transfers: Transfers, infoHash: InfoHash) {
    this.#transfers = transfers;
    this.#infoHash = infoHash;
  }

  /** The share is not here any more. */
  forget(): void {
    [this.events, this.speeds, this.files, this.copies] = [[], [], null, new Uint8Array()];
  }

  /** Asks for what is new; one at a time. */
  async refresh(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const infoHash = this.#infoHash;
    await Promise.all([
      this.#transfers.ask((session) => session.chronicle(infoHash, this.events[0]?.id)).then(this.#told),
      this.#transfers
        .ask((session) => session.availability(infoHash))
        .then((copies) => (this.copies = copies ?? this.copies)),
      this.#refreshFiles(),
    ]);
    this.#asking = false;
  }

  readonly #told = (chronicle: ShareChronicle | null): void => {
    if (chronicle === null) return;
    this.speeds = chronicle.speeds;
    const oldest = chronicle.events.at(-1);
    if (oldest === undefined) return;
    const goesOn = oldest.id > (this.events[0]?.id ?? -1);
    // Another peer of this browser, after this tab's: it tells its own from the beginning.
    this.events = [...chronicle.events, ...(goesOn ? this.events : [])].slice(0, MOST_LINES);
  };

  async #refreshFiles(): Promise<void> {
    const infoHash = this.#infoHash;
    const known = this.files;
    if (known === null) {
      this.files = await this.#transfers.ask((session) => session.filesOf(infoHash));
      return;
    }
    const progress = await this.#transfers.ask((session) => session.fileProgress(infoHash));
    if (progress === null) return;
    this.files = known.map((row, file) => ({
      ...row,
      storedBytes: progress.storedBytes[file] ?? row.storedBytes,
      wanted: progress.wanted[file] === 1,
    }));
  }
}
