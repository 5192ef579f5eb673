/**
 * [LB11] The latest row of each share's history, and which of them are to be written. A row begins with a download or
 * a share that is made, is ended once, and goes on counting what is sent until the share is removed. Knows no store but
 * for reading it once, and no time of its own.
 */
import type { InfoHash } from '../ids.ts';
import type { ActivityBatch, HistoryEnd, HistoryRow, KeptHistoryRow } from './activity-store.ts';
import type { ShareRole } from './library-store.ts';

/** What a share is called, as far as that is known. */
export interface Named {
  readonly name: string;
  readonly totalBytes: number;
}

/** What has moved since it was told last. */
export interface MovedBytes {
  readonly received: number;
  readonly sent: number;
  /** In which so much moved of what its role is about. */
  readonly ms: { readonly [role in ShareRole]: number };
}

interface Kept {
  /** Null: it was not written yet. */
  id: number | null;
  row: HistoryRow;
}

const NAMELESS: Named = { name: '', totalBytes: 0 };

export class HistoryBook {
  readonly #latest = new Map<InfoHash, Kept>();
  readonly #changed = new Set<Kept>();

  /** What was kept earlier, the newest first. */
  constructor(rows: readonly KeptHistoryRow[]) {
    for (const { id, ...row } of rows) {
      if (!this.#latest.has(row.infoHash)) this.#latest.set(row.infoHash, { id, row });
    }
  }

  /** A download that goes on is the same one. */
  begin(infoHash: InfoHash, named: Named | undefined, today: number): void {
    if (this.#running(infoHash) === null) this.#add(infoHash, 'receiving', named, today);
  }

  /** It was not begun by the person just now: what was finished or taken back before does not begin again. */
  goOn(infoHash: InfoHash, named: Named | undefined, today: number): void {
    const end = this.#latest.get(infoHash)?.row.end ?? { kind: 'failed' };
    if (end.kind === 'failed') this.begin(infoHash, named, today);
  }

  /** One whose beginning was not seen began and ended now. */
  finish(infoHash: InfoHash, named: Named | undefined, today: number): void {
    this.begin(infoHash, named, today);
    this.end(infoHash, { kind: 'finished' }, today);
  }

  made(infoHash: InfoHash, named: Named | undefined, today: number): void {
    this.end(infoHash, { kind: 'cancelled' }, today);
    this.#add(infoHash, 'sharing', named, today);
    this.end(infoHash, { kind: 'finished' }, today);
  }

  /** Where nothing goes on nothing ends. The clock may have been set back meanwhile. */
  end(infoHash: InfoHash, end: HistoryEnd, today: number): void {
    const running = this.#running(infoHash);
    if (running === null) return;
    this.#change(running, { end, endedAt: Math.max(running.row.begunAt, today) });
  }

  /** [WS41] What was loaded as the one is the other now: one row, which has ended. What still counts for the one counts in it. */
  becomes(before: InfoHash, infoHash: InfoHash, today: number): void {
    this.end(before, { kind: 'finished' }, today);
    const kept = this.#latest.get(before);
    if (kept === undefined) return;
    this.#latest.set(infoHash, kept);
    this.#change(kept, { infoHash });
  }

  named(infoHash: InfoHash, named: Named): void {
    const kept = this.#latest.get(infoHash);
    if (kept === undefined) return;
    const { name, totalBytes } = kept.row;
    if (name !== named.name || totalBytes !== named.totalBytes) this.#change(kept, named);
  }

  moved(infoHash: InfoHash, { received, sent, ms }: MovedBytes): void {
    const kept = this.#latest.get(infoHash);
    if (kept === undefined) return;
    const { row } = kept;
    this.#change(kept, {
      receivedBytes: row.receivedBytes + received,
      sentBytes: row.sentBytes + sent,
      movedMs: row.movedMs + ms[row.role],
    });
  }

  /** Nothing more of it is counted. */
  gone(infoHash: InfoHash): void {
    this.#latest.delete(infoHash);
  }

  /** All rows that have ended were forgotten. */
  cleared(): void {
    for (const [infoHash, kept] of this.#latest) {
      if (kept.row.end === null) continue;
      this.#latest.delete(infoHash);
    }
    for (const kept of this.#changed) if (kept.row.end !== null) this.#changed.delete(kept);
  }

  // What is to be written

  get changes(): ActivityBatch['history'] {
    return [...this.#changed].map(({ id, row }) => ({ id, row }));
  }

  /** All of them, as they were when they were asked for; nothing was told in between. */
  written(ids: readonly number[]): void {
    [...this.#changed].forEach((kept, at) => (kept.id = ids[at] ?? kept.id));
    this.#changed.clear();
  }

  #running(infoHash: InfoHash): Kept | null {
    const kept = this.#latest.get(infoHash);
    return kept?.row.end === null ? kept : null;
  }

  #add(infoHash: InfoHash, role: ShareRole, named: Named | undefined, today: number): void {
    const { name, totalBytes } = named ?? NAMELESS;
    const times = { begunAt: today, end: null, endedAt: null };
    const nothing = { receivedBytes: 0, sentBytes: 0, movedMs: 0 };
    const kept: Kept = { id: null, row: { infoHash, role, name, totalBytes, ...times, ...nothing } };
    this.#latest.set(infoHash, kept);
    this.#changed.add(kept);
  }

  #change(kept: Kept, change: Partial<HistoryRow>): void {
    kept.row = { ...kept.row, ...change };
    this.#changed.add(kept);
  }
}
