/**
 * Which downloads are in the person's downloads: who saves one by itself ([TB5]), and what follows when it is saved.
 * Where the person keeps nothing shared on, a download that was saved for the first time stops ([LB14]).
 */
import type { InfoHash } from '../ids.ts';
import type { OpenShares } from './open-shares.ts';
import type { OpenShare } from './teller.ts';

export interface SavesHost {
  readonly shares: OpenShares;
  readonly keeper: { saved(infoHash: InfoHash): Promise<void> };
  readonly preferences: { readonly keepsSharing: boolean };
  changed(share: OpenShare): void;
  stop(infoHash: InfoHash): Promise<void>;
}

export class Saves {
  readonly #host: SavesHost;

  constructor(host: SavesHost) {
    this.#host = host;
  }

  /** True for the first who asks after a download came to its end here: it may save that by itself. */
  byItself(infoHash: InfoHash): boolean {
    const share = this.#host.shares.get(infoHash);
    if (share?.saveDue !== true) return false;
    share.saveDue = false;
    this.#host.changed(share);
    return true;
  }

  /** It is being written: all that is wanted now. */
  begun(infoHash: InfoHash): void {
    const share = this.#host.shares.get(infoHash);
    if (share !== undefined) share.saveOutdated = false;
  }

  /** Unless more was wanted while it was written ([LB10]). */
  async saved(infoHash: InfoHash): Promise<void> {
    const { shares, keeper, preferences, changed, stop } = this.#host;
    const share = shares.get(infoHash);
    if (share?.saveOutdated === true) return;
    const isFirst = share !== undefined && !share.saved;
    if (share !== undefined) {
      share.saved = true;
      share.saveDue = false;
      changed(share);
    }
    await keeper.saved(infoHash);
    const isDone =
      isFirst && share.role === 'receiving' && share.driver.snapshot().engine.phase === 'complete';
    if (isDone && !preferences.keepsSharing) await stop(infoHash);
  }
}
