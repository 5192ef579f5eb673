/**
 * What this browser has ([LB1], [UI15], [UI16]): the list of it, what it takes, and removing with ten seconds to think better of it. Until they
 * are over nothing is gone. Knows no storage.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { LibraryEntry, StoreUsage } from '../worker/contract.ts';
import type { Session, Transfer } from './session.ts';

export const UNDO_MS = 10_000;

export interface KeptRow {
  readonly infoHash: InfoHash;
  readonly role: Transfer['role'];
  readonly name: string | null;
  readonly entry: LibraryEntry | null;
  /** It is open in this tab. */
  readonly transfer: Transfer | null;
  /** It goes when its ten seconds are over. */
  readonly leaving: boolean;
}

/** The worker's answer; null where there is none. */
type Ask = <T>(verb: (session: Session) => Promise<T>) => Promise<T | null>;

export class Kept {
  #entries = $state.raw<readonly LibraryEntry[]>([]);
  /** With what keeps each from going. */
  #usage = $state.raw<StoreUsage>({ bytes: 0, shares: [] });
  #leaving = $state.raw<Readonly<Record<InfoHash, () => void>>>({});
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** What is open in this tab and has no entry yet first, then the newest. */
  rows(open: readonly Transfer[]): readonly KeptRow[] {
    const known = this.#entries.map((entry) => {
      const transfer = open.find(({ infoHash }) => infoHash === entry.infoHash) ?? null;
      return this.row(entry.infoHash, entry, transfer);
    });
    const others = open.filter(({ infoHash }) => !known.some((row) => row.infoHash === infoHash));
    return [...others.map((transfer) => this.row(transfer.infoHash, null, transfer)), ...known];
  }

  /** What each share takes, and all of them. */
  get usage(): StoreUsage {
    return this.#usage;
  }

  async refresh(): Promise<void> {
    const [entries, usage] = await Promise.all([
      this.#ask((session) => session.library()),
      this.#ask((session) => session.usage()),
    ]);
    this.#entries = entries ?? this.#entries;
    this.#usage = usage ?? this.#usage;
  }

  isLeaving(infoHash: InfoHash): boolean {
    return this.#leaving[infoHash] !== undefined;
  }

  remove(infoHash: InfoHash): void {
    if (this.#leaving[infoHash] !== undefined) return;
    const timer = setTimeout(() => void this.#removeNow(infoHash), UNDO_MS);
    this.#leaving = { ...this.#leaving, [infoHash]: () => clearTimeout(timer) };
  }

  undo(infoHash: InfoHash): void {
    this.#leaving[infoHash]?.();
    this.#leaving = Object.fromEntries(
      Object.entries(this.#leaving).filter(([leaving]) => leaving !== infoHash),
    );
  }

  async #removeNow(infoHash: InfoHash): Promise<void> {
    await this.#ask((session) => session.remove(infoHash));
    this.undo(infoHash);
    await this.refresh();
  }

  row(infoHash: InfoHash, entry: LibraryEntry | null, transfer: Transfer | null): KeptRow {
    const name = transfer?.manifest?.name ?? (entry?.name || null);
    const role = transfer?.role ?? entry?.role ?? 'receiving';
    return { infoHash, role, name, entry, transfer, leaving: this.isLeaving(infoHash) };
  }
}
