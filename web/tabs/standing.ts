/** Everything that was told and still holds, for who comes later ([TB2]): of each share the last figures and its manifest. */
import { unreachable } from '../../shared/assert.ts';
import type { ShownManifest, TransferSnapshot } from '../worker/contract.ts';
import type { InfoHash } from '../state/session.ts';
import type { News } from './messages.ts';

export class Standing {
  readonly #snapshots = new Map<InfoHash, TransferSnapshot>();
  readonly #manifests = new Map<InfoHash, ShownManifest>();
  /** [WS20] What files at web addresses became. */
  readonly #became = new Map<InfoHash, News>();
  #inMemory: News | null = null;
  /** Of the worker. */
  #last: News | null = null;

  take(news: News): void {
    switch (news[0]) {
      case 'snapshotsTaken':
        for (const snapshot of news[1]) this.#taken(snapshot);
        return;
      case 'manifestKnown':
        this.#manifests.set(news[1], news[2]);
        return;
      case 'removed':
        this.#snapshots.delete(news[1]);
        this.#manifests.delete(news[1]);
        return;
      case 'becameShare':
        this.#became.set(news[1], news);
        return;
      case 'fileChanged':
        return; // Its figures begin anew.
      case 'keptInMemory':
        this.#inMemory = news;
        return;
      case 'serverAway':
      case 'workerBroke':
      case 'began':
        this.#last = news;
        return;
      default:
        return unreachable(news);
    }
  }

  get shares(): readonly InfoHash[] {
    return [...this.#snapshots.keys()];
  }

  isStopped(infoHash: InfoHash): boolean {
    return this.#snapshots.get(infoHash)?.phase === 'stopped';
  }

  news(): News[] {
    const manifests = [...this.#manifests].map(([infoHash, manifest]): News => [
      'manifestKnown',
      infoHash,
      manifest,
    ]);
    const figures: News = ['snapshotsTaken', [...this.#snapshots.values()]];
    // That a worker began comes first: it makes good what was said before.
    return [this.#last, this.#inMemory, ...manifests, figures, ...this.#became.values()].filter(
      (news) => news !== null,
    );
  }

  #taken(snapshot: TransferSnapshot): void {
    const pieces = snapshot.pieces ?? this.#snapshots.get(snapshot.infoHash)?.pieces ?? null;
    this.#snapshots.set(snapshot.infoHash, { ...snapshot, pieces });
  }
}
