/**
 * What this browser has ([LB1], [UI15], [UI16]): the list of it, what it takes, and removing with ten seconds to think
 * better of it. Until they are over nothing is gone. Knows no storage.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { LibraryEntry, StoreUsage } from '../worker/contract.ts';
import type { AskSession, Transfer } from './session.ts';

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

export class Kept {
  #entries = $state.raw<readonly LibraryEntry[]>([]);
  #usage = $state.raw<StoreUsage>({ bytes: 0, shares: [] });
  /** With what brings each back. */
  #leaving = $state.raw<Readonly<Record<InfoHash, () => void>>>({});
  readonly #ask: AskSession;

  constructor(ask: AskSession) {
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

  /** `undone`: what was stopped for it goes on. */
  remove(infoHash: InfoHash, undone: () => void = () => undefined): void {
    if (this.isLeaving(infoHash)) return;
    const timer = setTimeout(() => void this.#removeNow(infoHash), UNDO_MS);
    const stay = (): void => {
      clearTimeout(timer);
      undone();
    };
    this.#leaving = { ...this.#leaving, [infoHash]: stay };
  }

  undo(infoHash: InfoHash): void {
    const stay = this.#leaving[infoHash];
    this.#left(infoHash);
    stay?.();
  }

  async #removeNow(infoHash: InfoHash): Promise<void> {
    await this.#ask((session) => session.remove(infoHash));
    this.#left(infoHash);
    await this.refresh();
  }

  #left(infoHash: InfoHash): void {
    this.#leaving = Object.fromEntries(
      Object.entries(this.#leaving).filter(([leaving]) => leaving !== infoHash),
    );
  }

  row(infoHash: InfoHash, entry: LibraryEntry | null, transfer: Transfer | null): KeptRow {
    const name = transfer?.manifest?.name ?? (entry?.name || null);
    const role = transfer?.role ?? entry?.role ?? 'receiving';
    return { infoHash, role, name, entry, transfer, leaving: this.isLeaving(infoHash) };
  }
}
