/**
 * Shares that are being opened ([LK3]): one that is asked for again meanwhile is opened once, and one that is removed
 * meanwhile never opens. Owns which these are; what is open is open-shares.ts's.
 */
import type { InfoHash, SwarmId } from '../ids.ts';
import { swarmOf } from '../manifest/link.ts';
import type { Beginning } from './beginning.ts';
import type { OpenShares } from './open-shares.ts';
import type { OpenShare } from './teller.ts';

interface Opening {
  readonly done: Promise<OpenShare | null>;
  removed: boolean;
}

type Start = (infoHash: InfoHash, swarm: SwarmId, beginning: Beginning) => OpenShare;

export class Openings {
  readonly #open: OpenShares;
  readonly #start: Start;
  readonly #underWay = new Map<InfoHash, Opening>();
  #closed = false;

  constructor(open: OpenShares, start: Start) {
    this.#open = open;
    this.#start = start;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get shares(): readonly InfoHash[] {
    return [...this.#underWay.keys()];
  }

  has(infoHash: InfoHash): boolean {
    return this.#underWay.has(infoHash);
  }

  /** The share, opened with what `content` finds unless it is open. Null: it was removed meanwhile. */
  opened(infoHash: InfoHash, content: () => Promise<Beginning>): Promise<OpenShare | null> {
    const open = this.#open.get(infoHash);
    if (open !== undefined || this.#closed) return Promise.resolve(open ?? null);
    const known = this.#underWay.get(infoHash);
    if (known !== undefined) return known.done;
    const opening: Opening = {
      removed: false,
      done: Promise.all([swarmOf(infoHash), content()])
        .then(([swarm, found]) => (opening.removed ? null : this.#start(infoHash, swarm, found)))
        .finally(() => {
          if (this.#underWay.get(infoHash) === opening) this.#underWay.delete(infoHash);
        }),
    };
    this.#underWay.set(infoHash, opening);
    return opening.done;
  }

  /** Null: it is neither open nor being opened. */
  async current(infoHash: InfoHash): Promise<OpenShare | null> {
    return this.#open.get(infoHash) ?? (await this.#underWay.get(infoHash)?.done) ?? null;
  }

  removed(infoHash: InfoHash): void {
    const opening = this.#underWay.get(infoHash);
    if (opening !== undefined) opening.removed = true;
    this.#underWay.delete(infoHash);
  }

  /** Nothing is opened any more. */
  close(): void {
    this.#closed = true;
    for (const opening of this.#underWay.values()) opening.removed = true;
  }
}
