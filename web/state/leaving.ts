/**
 * Asks before the page is left where that cuts something off ([UI5]). Listens only then: a page that always
 * listens cannot be kept alive by the browser for going back.
 */
import type { Transfer } from './session.ts';

/** Something comes or goes: no mere waiting. */
export function isTransferring({ up, down, peers, webSeeds }: Transfer): boolean {
  return (peers.length > 0 && up + down > 0) || webSeeds.some((source) => source.down > 0);
}

/** [AP7] How many of them download, or give or get something. */
export function runningCount(transfers: readonly Transfer[]): number {
  return transfers.filter((transfer) => transfer.phase === 'downloading' || isTransferring(transfer)).length;
}

/** One's own, and here for others. */
export function servesOwn({ role, phase, filesMissing, trouble }: Transfer): boolean {
  return role === 'sharing' && phase === 'complete' && filesMissing === null && trouble === null;
}

/** Of one's own shares, as far as anybody knows: while it is away nobody new gets all of it. */
export function isOnlySource(transfer: Transfer): boolean {
  return servesOwn(transfer) && (transfer.online?.seeds ?? 0) === 0;
}

export class LeavingGuard {
  #on = false;
  readonly #window: Pick<Window, 'addEventListener' | 'removeEventListener'>;
  readonly #ask = (event: BeforeUnloadEvent): void => event.preventDefault();

  constructor(window: Pick<Window, 'addEventListener' | 'removeEventListener'>) {
    this.#window = window;
  }

  set(cuts: boolean): void {
    if (cuts === this.#on) return;
    this.#on = cuts;
    if (cuts) this.#window.addEventListener('beforeunload', this.#ask);
    else this.#window.removeEventListener('beforeunload', this.#ask);
  }
}
