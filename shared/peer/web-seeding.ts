/**
 * Whether the web addresses that a share names may be asked for its content ([WS2]): the person's word, given to the
 * machine and noted, so that it holds after a reload. Owns what was said of shares of which nothing is noted yet.
 */
import type { InfoHash } from '../ids.ts';
import type { Keeper } from './keeper.ts';
import type { OpenShare } from './teller.ts';

export interface WebSeedingHost {
  readonly keeper: Pick<Keeper, 'asksWeb'>;
  /** Waits for one that is being opened; null: there is none. */
  readonly openShare: (infoHash: InfoHash) => Promise<OpenShare | null>;
}

export class WebSeeding {
  readonly #host: WebSeedingHost;
  readonly #allowed = new Set<InfoHash>();

  constructor(host: WebSeedingHost) {
    this.#host = host;
  }

  /** Holds until it is said otherwise, also over a reload, unless the manifest is not here yet: then from the download on. */
  async allow(infoHash: InfoHash, allowed: boolean): Promise<void> {
    if (allowed) this.#allowed.add(infoHash);
    else this.#allowed.delete(infoHash);
    const share = await this.#host.openShare(infoHash);
    share?.driver.feed({ kind: 'web-seeds-allowed', allowed });
    const manifest = share?.role === 'receiving' ? share.driver.snapshot().engine.manifest : null;
    await this.#host.keeper.asksWeb(infoHash, manifest, allowed);
  }

  /** Whoever opens it again is asked again. */
  removed(infoHash: InfoHash): void {
    this.#allowed.delete(infoHash);
  }

  /** There is something to note it with now. */
  async downloadAsked(infoHash: InfoHash): Promise<void> {
    if (this.#allowed.has(infoHash)) await this.#host.keeper.asksWeb(infoHash, null, true);
  }
}
