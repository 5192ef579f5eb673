/**
 * [SA16] [SA17] One file that goes into the downloads while it comes: opens its save as soon as that can be done, and tells the
 * service worker how much of it is stored. Holds a lock for as long, which no other tab has then, and which goes with the
 * page whatever becomes of it. Knows no views.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { Transfer } from '../state/session.ts';
import { basePathOf, nameOnOrigin } from '../worker/base-path.ts';
import { comingLock } from '../worker/saving/save-messages.ts';
import type {
  SaveOver,
  SavePulse,
  SaveReadiness,
  SaveTarget,
  StoredSoFar,
} from '../worker/saving/save-messages.ts';
import { savedWhole } from '../worker/saving/save-plan.ts';
import { activeServiceWorker, ask } from './service-worker.ts';
import { followed, openedSave } from './streamed-save.ts';
import type { OpenedSave } from './streamed-save.ts';

/** `broken`: not this way, or not to its end; what has come is in storage. `elsewhere`: another tab saves it as it comes. */
export type CameTo = 'saved' | 'cancelled' | 'broken' | 'elsewhere';

/** A piece that is stored, as a share's figures tell it. */
const STORED = 2;

interface Open extends OpenedSave {
  readonly worker: ServiceWorker;
  readonly pieces: SaveReadiness & { kind: 'comes' };
}

export class ComingSave {
  readonly end: Promise<CameTo>;
  isOver = false;
  readonly #target: SaveTarget;
  #pieces: Uint8Array;
  #isWhole = false;
  #open: Open | null = null;
  /** What the service worker knows, and whether it is being told. */
  #told: StoredSoFar | null = null;
  #isTelling = false;
  #letGo: () => void = () => undefined;
  readonly #given = new Promise<void>((resolve) => (this.#letGo = resolve));
  #isGivenUp = false;
  #breakOff: (over: SaveOver) => void = () => undefined;
  /** What the service worker says of it then comes late, or not at all. */
  readonly #brokenOff = new Promise<SaveOver>((resolve) => (this.#breakOff = resolve));

  constructor(infoHash: InfoHash, file: number, { pieces }: Transfer) {
    this.#target = { infoHash, file };
    this.#pieces = pieces;
    this.end = this.#run().finally(() => {
      this.isOver = true;
      this.#letGo();
    });
  }

  /** Its share's figures are others. */
  taken(transfer: Transfer): void {
    if (!this.#isStillWanted(transfer)) return this.giveUp();
    this.#pieces = transfer.pieces;
    void this.#tell();
  }

  /** All of it is stored. */
  whole(): void {
    this.#isWhole = true;
    void this.#tell();
  }

  /** The browser's download fails, unless it has all. */
  giveUp(): void {
    this.#isGivenUp = true;
    if (!this.#isWhole) this.#breakOff({ kind: 'failed', why: 'gone' });
    this.#letGo();
  }

  #isStillWanted({ manifest, wanted, phase }: Transfer): boolean {
    if (phase === 'failed' || (phase === 'stopped' && !this.#isWhole)) return false;
    return manifest === null || savedWhole(manifest, wanted) === this.#target.file;
  }

  /** Of several tabs one has the lock. */
  async #run(): Promise<CameTo> {
    if (!('locks' in navigator)) return 'broken';
    const name = nameOnOrigin(basePathOf(location), comingLock(this.#target));
    return new Promise((resolve) => {
      navigator.locks
        .request(name, { ifAvailable: true }, (lock) => {
          resolve(lock === null ? 'elsewhere' : this.#saved());
          return lock === null ? null : this.#given;
        })
        .catch(() => resolve('broken')); // refused by the browser
    });
  }

  async #saved(): Promise<CameTo> {
    const target = this.#target;
    const worker = await activeServiceWorker();
    if (worker === null || this.#isGivenUp) return 'broken';
    const pieces = await ask<SaveReadiness>(worker, { kind: 'prepare-save', target, asItComes: true });
    if (pieces?.kind !== 'comes' || this.#isGivenUp) return 'broken';
    const opened = await openedSave(worker, target, true);
    if (opened === null) return 'broken';
    this.#open = { ...opened, worker, pieces };
    void this.#tell();
    const over = await Promise.race([
      followed<SaveOver>(worker, opened.id, opened.over, { kind: 'failed', why: 'gone' }),
      this.#brokenOff,
    ]);
    opened.leave();
    if (over.kind === 'saved') return 'saved';
    return over.why === 'cancelled' ? 'cancelled' : 'broken';
  }

  /** Again when that is answered, where more is stored by then: never more often than figures come. */
  async #tell(): Promise<void> {
    if (this.#open === null || this.#isTelling) return;
    const { worker, id, pieces } = this.#open;
    this.#isTelling = true;
    while (!this.isOver) {
      const stored = this.#storedOf(pieces);
      if (stored === this.#told) break;
      const pulse = await ask<SavePulse>(worker, { kind: 'save-pulse', id, stored });
      if (pulse?.kind === 'unknown') break; // the next pulse finds out what became of it
      if (pulse !== null) this.#told = stored;
    }
    this.#isTelling = false;
  }

  #storedOf({ from, to }: Open['pieces']): StoredSoFar {
    let before = Math.max(from, typeof this.#told === 'number' ? this.#told : 0);
    while (before < to && this.#pieces[before] === STORED) before++;
    return this.#isWhole || before === to ? 'all' : before;
  }
}
