/**
 * [EN8] To how many others a share was delivered while they were connected here, counted over restarts in the library.
 * Knows no machine.
 */
import type { InfoHash, PeerId } from '../ids.ts';
import type { Library } from './library.ts';

export interface Counted {
  readonly infoHash: InfoHash;
  delivered: number;
}

export interface DeliveryHost<Share extends Counted> {
  readonly library: Pick<Library, 'entry' | 'delivered'>;
  readonly self: { readonly ownTabs: readonly PeerId[] };
  readonly teller: { changed(share: Share): void };
}

export class DeliveryCount<Share extends Counted> {
  readonly #host: DeliveryHost<Share>;

  constructor(host: DeliveryHost<Share>) {
    this.#host = host;
  }

  /** The share was opened: how many there were is told as soon as it is known. */
  began(share: Share): void {
    void this.#host.library.entry(share.infoHash).then((entry) => this.#told(share, entry?.delivered ?? 0));
  }

  /** The peer has all of it now, and had not. */
  completed(share: Share, peer: PeerId): void {
    if (this.#host.self.ownTabs.includes(peer)) return;
    const otherwise = share.delivered + 1;
    void this.#host.library.delivered(share.infoHash).then((count) => this.#told(share, count ?? otherwise));
  }

  #told(share: Share, count: number): void {
    if (count <= share.delivered) return;
    share.delivered = count;
    this.#host.teller.changed(share);
  }
}
