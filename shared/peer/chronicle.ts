/**
 * What happened to each share while this peer lives, for a person who wants to look closely ([LB17]): events with their
 * times, and the speeds of the last minutes. Is told what a peer's host is told. Bounded, and kept nowhere.
 */
import type { CloseReason, Report } from '../engine/io.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import { MOST_EVENTS, SPEED_EVERY_MS, SPEED_SAMPLES } from './limits.ts';
import type { Clock, LinkPath } from './ports.ts';
import type { LogLevel } from './settings.ts';
import type { ShareTrouble, TransferSnapshot } from './verbs.ts';

export type ShareEvent =
  | { kind: 'phase'; phase: TransferSnapshot['phase']; trouble: ShareTrouble | null }
  | { kind: 'tracker'; online: boolean }
  | { kind: 'peer-connected'; peer: PeerId; path: LinkPath }
  | { kind: 'peer-gone'; peer: PeerId }
  | { kind: 'peer-dropped'; peer: PeerId; why: CloseReason }
  | { kind: 'peer-completed'; peer: PeerId }
  | { kind: 'piece-refused'; piece: number; peers: readonly PeerId[] }
  /** How many by now, and the first of them. */
  | { kind: 'file-unreadable'; path: readonly string[]; files: number };

export interface LoggedEvent {
  /** Grows with each event of the share. */
  readonly id: number;
  /** ms since 1970. */
  readonly at: number;
  readonly event: ShareEvent;
}

/** Bytes a second of blocks at one moment. */
export interface SpeedSample {
  /** ms since 1970. */
  readonly at: number;
  readonly down: number;
  readonly up: number;
}

export interface ShareChronicle {
  /** The newest first, up to the one that was asked for. */
  readonly events: readonly LoggedEvent[];
  /** One for each two seconds of the last minutes, the earliest first. */
  readonly speeds: readonly SpeedSample[];
}

interface Book {
  events: LoggedEvent[];
  count: number;
  speeds: SpeedSample[];
  last: TransferSnapshot | null;
}

/** What goes wrong is worth a line at every level but `off`. */
const TROUBLES: ReadonlySet<ShareEvent['kind']> = new Set([
  'peer-dropped',
  'piece-refused',
  'file-unreadable',
]);

export class Chronicle {
  readonly #clock: Pick<Clock, 'today'>;
  /** Null: not known yet. */
  readonly #level: () => LogLevel | null;
  readonly #books = new Map<InfoHash, Book>();

  constructor(clock: Pick<Clock, 'today'>, level: () => LogLevel | null) {
    this.#clock = clock;
    this.#level = level;
  }

  /** Null: nothing is known of that share. `after`: the id of the last event that is known already. */
  of(infoHash: InfoHash, after = -1): ShareChronicle | null {
    const book = this.#books.get(infoHash);
    if (book === undefined) return null;
    // Who knows more than there is knows it of an earlier peer.
    const from = after < book.count ? after : -1;
    const events = book.events.filter(({ id }) => id > from).reverse();
    return { events, speeds: filled(book, this.#clock.today()) };
  }

  took(snapshot: TransferSnapshot): void {
    const book = this.#bookOf(snapshot.infoHash);
    const { last } = book;
    book.last = snapshot;
    sampled(book, this.#clock.today());
    this.#comeAndGone(book, last?.peers ?? [], snapshot.peers);
    if (last?.phase !== snapshot.phase)
      this.#note(book, { kind: 'phase', phase: snapshot.phase, trouble: snapshot.trouble });
    if (last !== null && last.trackerOnline !== snapshot.trackerOnline)
      this.#note(book, { kind: 'tracker', online: snapshot.trackerOnline });
    if (snapshot.unreadable !== null && last?.unreadable?.files !== snapshot.unreadable.files)
      this.#note(book, {
        kind: 'file-unreadable',
        path: snapshot.unreadable.first,
        files: snapshot.unreadable.files,
      });
  }

  reported(infoHash: InfoHash, event: Report): void {
    const book = this.#bookOf(infoHash);
    if (event.kind === 'piece-refused' || event.kind === 'peer-completed') this.#note(book, event);
    if (event.kind === 'peer-dropped' && event.peer !== null && event.why.kind !== 'stopped')
      this.#note(book, { kind: 'peer-dropped', peer: event.peer, why: event.why });
  }

  forget(): void {
    this.#books.clear();
  }

  removed(infoHash: InfoHash): void {
    this.#books.delete(infoHash);
  }

  #comeAndGone(book: Book, before: TransferSnapshot['peers'], now: TransferSnapshot['peers']): void {
    const [had, have] = [new Set(before.map(({ id }) => id)), new Set(now.map(({ id }) => id))];
    for (const { id, path } of now)
      if (!had.has(id)) this.#note(book, { kind: 'peer-connected', peer: id, path });
    for (const id of had) if (!have.has(id)) this.#note(book, { kind: 'peer-gone', peer: id });
  }

  #bookOf(infoHash: InfoHash): Book {
    const known = this.#books.get(infoHash);
    if (known !== undefined) return known;
    const book: Book = { events: [], count: 0, speeds: [], last: null };
    this.#books.set(infoHash, book);
    return book;
  }

  #note(book: Book, event: ShareEvent): void {
    const level = this.#level() ?? 'all';
    if (level === 'off' || (level === 'errors' && !TROUBLES.has(event.kind))) return;
    book.events.push({ id: book.count++, at: this.#clock.today(), event });
    if (book.events.length > MOST_EVENTS) book.events.shift();
  }
}

/** What was told last holds until something else is told: nothing is told while nothing changes. */
function sampled(book: Book, at: number): void {
  const { last } = book;
  if (last === null) return;
  const sample = { at, down: last.down, up: last.up };
  const previous = book.speeds.at(-1);
  if (previous !== undefined && Math.floor(previous.at / SPEED_EVERY_MS) === Math.floor(at / SPEED_EVERY_MS))
    book.speeds.pop();
  book.speeds.push(sample);
  if (book.speeds.length > SPEED_SAMPLES) book.speeds.shift();
}

/** With the moments in which nothing was told. */
function filled({ speeds }: Book, now: number): SpeedSample[] {
  const last = Math.floor(now / SPEED_EVERY_MS);
  const byTime = new Map(speeds.map((sample) => [Math.floor(sample.at / SPEED_EVERY_MS), sample]));
  const first = Math.max(last - SPEED_SAMPLES + 1, Math.min(...byTime.keys(), last));
  const all: SpeedSample[] = [];
  let held = speeds.findLast(({ at }) => Math.floor(at / SPEED_EVERY_MS) < first) ?? null;
  for (let at = first; at <= last; at++) {
    held = byTime.get(at) ?? held;
    all.push({ at: at * SPEED_EVERY_MS, down: held?.down ?? 0, up: held?.up ?? 0 });
  }
  return all;
}
