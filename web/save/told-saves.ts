/**
 * [SA10] How saves stand that this page did not begin: those that it, or another tab, began before it was loaded, and
 * those that another tab begins. Who hears of one that is under way keeps the service worker awake, too: the tab that
 * began it may be closed. Knows no views.
 */
import type { SaveHeard } from '../state/session.ts';
import { basePathOf, nameOnOrigin } from '../worker/base-path.ts';
import { SAVES_CHANNEL } from '../worker/saving/save-messages.ts';
import type { ToldSave } from '../worker/saving/save-messages.ts';
import { ask, presentServiceWorker } from './service-worker.ts';
import { endOf, followed, isBegunHere, STOPPED } from './streamed-save.ts';
import type { SaveEnd } from '../state/session.ts';

export async function hearTold(heard: SaveHeard): Promise<void> {
  const told = new ToldSaves(heard);
  const channel = new BroadcastChannel(nameOnOrigin(basePathOf(location), SAVES_CHANNEL));
  channel.addEventListener('message', ({ data }: MessageEvent<ToldSave>) => void told.take(data));
  const worker = await presentServiceWorker();
  const known = worker === null ? null : await ask<readonly ToldSave[]>(worker, { kind: 'known-saves' });
  for (const save of known ?? []) void told.take(save);
}

class ToldSaves {
  readonly #heard: SaveHeard;
  /** What each save that is under way waits for, by its id. */
  readonly #ends = new Map<string, (end: SaveEnd) => void>();

  constructor(heard: SaveHeard) {
    this.#heard = heard;
  }

  async take(save: ToldSave): Promise<void> {
    const { id, infoHash, isPart, stands } = save;
    if (isBegunHere(id)) return;
    // [SA12] The share is not saved by it: nobody is told, but it is kept going all the same.
    const heard: SaveHeard = isPart === true ? () => undefined : this.#heard;
    const ended = this.#ends.get(id);
    if (stands.kind !== 'under-way') {
      if (ended === undefined) heard(infoHash, endOf(stands));
      else ended(endOf(stands));
    } else if (ended === undefined) {
      const end = new Promise<SaveEnd>((resolve) => this.#ends.set(id, resolve));
      heard(infoHash, { kind: 'started' });
      const worker = await presentServiceWorker();
      heard(infoHash, await (worker === null ? end : followed(worker, id, end, STOPPED)));
      this.#ends.delete(id);
    }
  }
}
