/**
 * What went on, written down for the person ([LB11]–[LB13]): the history of shares, a log of pieces and the bytes of
 * each day. Hears what a peer's host hears, and of every block that leaves. Bytes and pieces are written together, at
 * most every 5 s and when the peer ends; that a download began or ended at once. Nothing else depends on it.
 */
import type { Report } from '../engine/io.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import type {
  ActivityStore,
  HistoryEnd,
  KeptHistoryRow,
  LoggedTransfer,
  LogPage,
  Totals,
} from './activity-store.ts';
import { dayOf } from './activity-store.ts';
import { Chronicle } from './chronicle.ts';
import { Flows } from './flows.ts';
import { HistoryBook } from './history-book.ts';
import type { Named } from './history-book.ts';
import { DAY_MS, MOST_DAYS, NOTE_EVERY_MS } from './limits.ts';
import type { Clock } from './ports.ts';
import type { LogLevel } from './settings.ts';
import { TransferLog } from './transfer-log.ts';
import type { PeerListener, TransferSnapshot } from './verbs.ts';

/** Something that has ended. */
export interface HistoryEntry extends KeptHistoryRow {
  readonly end: HistoryEnd;
  readonly endedAt: number;
  /** Of what its role is about, while that moved; null: nothing did long enough to say. */
  readonly bytesPerSecond: number | null;
}

export interface ActivityPorts {
  readonly clock: Pick<Clock, 'now' | 'today' | 'after'>;
  readonly activity: ActivityStore;
}

type Seen = Pick<TransferSnapshot, 'infoHash' | 'role' | 'phase' | 'trouble' | 'web'>;

export class Activity {
  readonly #ports: ActivityPorts;
  /** Null: not known yet. */
  readonly #level: () => LogLevel | null;
  /** [LB17] Of what happens now, kept nowhere. */
  readonly chronicle: Chronicle;
  readonly #log = new TransferLog();
  readonly #flows = new Flows();
  readonly #names = new Map<InfoHash, Named>();
  readonly #phases = new Map<InfoHash, TransferSnapshot['phase']>();
  /** [WS41] Files at web addresses: they end when they are shares. */
  readonly #unhashed = new Set<InfoHash>();
  /** Read when it is first needed. */
  #book: HistoryBook | null = null;
  /** One after another. */
  #changes: Promise<void> = Promise.resolve();
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(ports: ActivityPorts, level: () => LogLevel | null) {
    this.#ports = ports;
    this.#level = level;
    this.chronicle = new Chronicle(ports.clock, level);
  }

  // What happens

  /** A listener that tells what it hears to another one, too. */
  beside(listener: PeerListener): PeerListener {
    return {
      snapshotsTaken: (snapshots) => {
        for (const snapshot of snapshots) {
          this.#saw(snapshot);
          this.chronicle.took(snapshot);
        }
        listener.snapshotsTaken(snapshots);
      },
      manifestKnown: (infoHash, manifest) => {
        this.#named(infoHash, manifest);
        listener.manifestKnown(infoHash, manifest);
      },
      removed: (infoHash) => {
        this.#removed(infoHash);
        this.chronicle.removed(infoHash);
        listener.removed(infoHash);
      },
      busyChanged: (busy) => listener.busyChanged(busy),
      reported: (infoHash, event) => {
        this.#reported(infoHash, event);
        this.chronicle.reported(infoHash, event);
        listener.reported(infoHash, event);
      },
      becameShare: (file, share) => {
        this.#change((book, today) => book.becomes(file, share, today));
        listener.becameShare?.(file, share);
      },
      fileChanged: (file, change) => {
        this.#ended(file, { kind: 'failed', why: 'other-file' });
        listener.fileChanged?.(file, change);
      },
      shareBroke: (infoHash, error) => listener.shareBroke(infoHash, error),
    };
  }

  /** The person asked for it, and not all of it is here. */
  downloadAsked(infoHash: InfoHash): void {
    this.#flows.begun(infoHash, 'down', this.#ports.clock.now());
    this.#change((book, today) => book.begin(infoHash, this.#names.get(infoHash), today));
  }

  /** [WS25] It came as one stream in so many ms, of which nothing was told before it was a share. */
  streamed(infoHash: InfoHash, named: Named, ms: number): void {
    const { clock } = this.#ports;
    const { name, totalBytes } = named;
    this.#names.set(infoHash, { name, totalBytes });
    this.#flows.moved(infoHash, 'down', totalBytes, clock.today(), clock.now());
    this.#flows.took(infoHash, 'down', ms);
    this.#change((book, today) => {
      book.begin(infoHash, { name, totalBytes }, today - ms);
      book.end(infoHash, { kind: 'finished' }, today);
    });
    this.#plan();
  }

  made(infoHash: InfoHash): void {
    this.#change((book, today) => book.made(infoHash, this.#names.get(infoHash), today));
  }

  /** A block was sent. Called very often. */
  sent(infoHash: InfoHash, peer: PeerId, piece: number, bytes: number): void {
    const { clock } = this.#ports;
    const [now, today] = [clock.now(), clock.today()];
    this.#flows.moved(infoHash, 'up', bytes, today, now);
    const name = this.#names.get(infoHash)?.name ?? '';
    if (this.#logs(true)) this.#log.sent({ infoHash, name, peer, piece, bytes }, today, now);
    this.#plan();
  }

  /** [LB14] What was gathered under another level is not written under this one. */
  levelChanged(): void {
    this.#log.forget();
  }

  // What is asked

  /** What has ended, the newest first. */
  async history(): Promise<HistoryEntry[]> {
    await this.#changes;
    const entries: HistoryEntry[] = [];
    for (const row of await this.#ports.activity.history()) {
      const { role, end, endedAt, receivedBytes, sentBytes, movedMs } = row;
      if (end === null || endedAt === null) continue;
      const bytes = role === 'receiving' ? receivedBytes : sentBytes;
      entries.push({ ...row, end, endedAt, bytesPerSecond: movedMs > 0 ? (bytes * 1000) / movedMs : null });
    }
    return entries;
  }

  /** What goes on stays, and is listed when it has ended. */
  clearHistory(): Promise<void> {
    return this.#then(async (book) => {
      await this.#ports.activity.clearHistory();
      book.cleared();
    });
  }

  transferLog(page: LogPage): Promise<LoggedTransfer[]> {
    return this.#ports.activity.transfers(page);
  }

  /** [LB13] Of the last 90 days. */
  async totals(): Promise<Totals> {
    const totals = await this.#ports.activity.totals();
    const first = dayOf(this.#ports.clock.today()) - (MOST_DAYS - 1) * DAY_MS;
    return { ...totals, days: totals.days.filter(({ day }) => day >= first) };
  }

  /** [LB16] All of everything. */
  forget(): Promise<void> {
    return this.#then(async () => {
      this.#log.forget();
      this.#flows.forget();
      this.#names.clear();
      this.#phases.clear();
      this.#unhashed.clear();
      this.chronicle.forget();
      await this.#ports.activity.forget();
      this.#book = new HistoryBook([]);
    });
  }

  /** What moved is written down; nothing is afterwards. */
  close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = null;
    if (!this.#isDue) return this.#changes;
    return this.#then((book) => this.#writeAll(book, true));
  }

  // What is heard

  #named(infoHash: InfoHash, { name, totalBytes }: Named): void {
    this.#names.set(infoHash, { name, totalBytes });
    this.#change((book) => book.named(infoHash, { name, totalBytes }));
  }

  #saw({ infoHash, role, phase, trouble, web }: Seen): void {
    if (web !== null) this.#unhashed.add(infoHash);
    if (this.#phases.get(infoHash) === phase) return;
    this.#phases.set(infoHash, phase);
    if (role !== 'receiving') return;
    if (phase === 'complete') {
      if (web === null) this.#ended(infoHash, { kind: 'finished' });
    } else if (phase === 'failed') {
      const why = trouble?.kind ?? 'broken';
      this.#ended(infoHash, { kind: 'failed', why });
    } else if (phase === 'downloading' || phase === 'full') {
      // One that goes on after a restart, or the beginning of which could not be kept.
      this.#change((book, today) => book.goOn(infoHash, this.#names.get(infoHash), today));
    }
  }

  #reported(infoHash: InfoHash, event: Report): void {
    const { clock } = this.#ports;
    if (event.kind === 'completed' && !this.#unhashed.has(infoHash))
      this.#change((book, today) => book.finish(infoHash, this.#names.get(infoHash), today));
    if (event.kind !== 'piece-came') return;
    const [now, today] = [clock.now(), clock.today()];
    const { piece, isRight, from } = event;
    const name = this.#names.get(infoHash)?.name ?? '';
    for (const { peer, bytes } of from) {
      this.#flows.moved(infoHash, 'down', bytes, today, now);
      if (this.#logs(isRight)) this.#log.came({ infoHash, name, peer, piece, bytes }, isRight, today, now);
    }
    this.#plan();
  }

  #removed(infoHash: InfoHash): void {
    this.#phases.delete(infoHash);
    this.#unhashed.delete(infoHash);
    this.#ended(infoHash, { kind: 'cancelled' });
    this.#change((book) => {
      book.gone(infoHash);
      this.#flows.gone(infoHash);
      this.#names.delete(infoHash);
    });
  }

  #ended(infoHash: InfoHash, end: HistoryEnd): void {
    this.#change((book, today) => book.end(infoHash, end, today));
  }

  #logs(isRight: boolean): boolean {
    const level = this.#level();
    return level === null || isLogged(level, isRight);
  }

  // Writing

  get #isDue(): boolean {
    return this.#flows.hasDays || !this.#log.isEmpty;
  }

  #plan(): void {
    if (this.#closed || this.#cancel !== null) return;
    this.#cancel = this.#ports.clock.after(NOTE_EVERY_MS, () => {
      this.#cancel = null;
      void this.#then(async (book) => {
        await this.#writeAll(book, false);
        if (this.#isDue) this.#plan();
      });
    });
  }

  /** Of the history, which is written at once. */
  #change(change: (book: HistoryBook, today: number) => void): void {
    if (this.#closed) return;
    const today = this.#ports.clock.today();
    void this.#then(async (book) => {
      change(book, today);
      this.#countIn(book);
      await this.#writeHistory(book);
    });
  }

  #then(work: (book: HistoryBook) => Promise<void>): Promise<void> {
    this.#changes = this.#changes.then(async () => {
      this.#book ??= new HistoryBook(await this.#ports.activity.history());
      await work(this.#book);
    });
    return this.#changes;
  }

  #countIn(book: HistoryBook): void {
    for (const [infoHash, moved] of this.#flows.takeShares()) book.moved(infoHash, moved);
  }

  async #writeHistory(book: HistoryBook): Promise<void> {
    const history = book.changes;
    if (history.length === 0) return;
    const ids = await this.#ports.activity.write({ transfers: [], history, traffic: [] });
    if (ids !== null) book.written(ids);
  }

  /** What could not be written of the log is forgotten; what was counted is tried again with the next that moves. */
  async #writeAll(book: HistoryBook, last: boolean): Promise<void> {
    this.#countIn(book);
    const level = this.#level();
    const rows = level === null ? [] : this.#log.take(last).filter(({ isRight }) => isLogged(level, isRight));
    const transfers = rows.map((row) => ({ ...row, name: row.name || this.#nameOf(row.infoHash) }));
    const history = book.changes;
    const traffic = this.#flows.takeDays();
    if (transfers.length + history.length + traffic.length === 0) return;
    const ids = await this.#ports.activity.write({ transfers, history, traffic });
    if (ids === null) this.#flows.putBack(traffic);
    else book.written(ids);
  }

  #nameOf(infoHash: InfoHash): string {
    return this.#names.get(infoHash)?.name ?? '';
  }
}

function isLogged(level: LogLevel, isRight: boolean): boolean {
  return level === 'all' || (level === 'errors' && !isRight);
}
