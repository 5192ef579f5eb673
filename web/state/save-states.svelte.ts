/**
 * How far saving each share got: what this tab began, and what it hears of others ([SA10]). Of two saves of one share
 * the one that was begun last is told of, and what this tab began outweighs what it hears. Knows no bytes.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { SaveEnd, SaveState } from './session.ts';

const NOTHING_SAVED: SaveState = { kind: 'none' };

export class SaveStates {
  #states = $state.raw<Readonly<Record<InfoHash, SaveState>>>({});
  /** Of these, those that this page did not begin. */
  #heard: Readonly<Record<InfoHash, SaveState>> = {};
  /** What they write is not what is wanted by now: how they end is nobody's news. */
  #outdated: readonly InfoHash[] = [];
  /** [SA14] How many single files of each share are being saved, which says nothing of the share. */
  #ones = $state.raw<Readonly<Record<InfoHash, number>>>({});
  readonly #isOpen: (infoHash: InfoHash) => boolean;
  readonly #runs: (infoHash: InfoHash, isUnderWay: boolean) => void;

  /** `runs`: is told when a save begins and when it is over: what is being saved is not cleaned up ([LB9]). */
  constructor(
    isOpen: (infoHash: InfoHash) => boolean,
    runs: (infoHash: InfoHash, isUnderWay: boolean) => void,
  ) {
    this.#isOpen = isOpen;
    this.#runs = runs;
  }

  of(infoHash: InfoHash): SaveState {
    return this.#states[infoHash] ?? NOTHING_SAVED;
  }

  get isAnyUnderWay(): boolean {
    return this.#isAnyOne || Object.values(this.#states).some(isUnderWay);
  }

  /** … by this page. */
  get isAnyBegunHere(): boolean {
    const isOurs = ([infoHash, state]: [string, SaveState]): boolean =>
      isUnderWay(state) && state !== this.#heard[infoHash as InfoHash];
    return this.#isAnyOne || Object.entries(this.#states).some(isOurs);
  }

  get #isAnyOne(): boolean {
    return Object.values(this.#ones).some((count) => count > 0);
  }

  /** Answers what to call with how it goes on. */
  begin(infoHash: InfoHash): (state: SaveState) => void {
    let latest: SaveState = { kind: 'saving' };
    this.#set(infoHash, latest);
    return (state) => {
      if (this.of(infoHash) === latest) this.#set(infoHash, (latest = { ...state }));
    };
  }

  /** One file of the share, by itself. Answers what to call once when that is over. */
  beginOne(infoHash: InfoHash): () => void {
    this.#count(infoHash, 1);
    return () => this.#count(infoHash, -1);
  }

  heard(infoHash: InfoHash, state: { kind: 'started' } | SaveEnd): void {
    const current = this.of(infoHash);
    if (isUnderWay(current) && current !== this.#heard[infoHash]) return;
    this.#heard = { ...this.#heard, [infoHash]: state };
    this.#put(infoHash, state);
  }

  /** The share was removed, or more of it is wanted by now; a save that runs is still cut off when the page is left. */
  outdated(infoHash: InfoHash): void {
    if (isUnderWay(this.of(infoHash))) this.#outdated = [...this.#outdated, infoHash];
    else this.#put(infoHash, null);
  }

  /** Whoever is told now knows nothing of what is under way. */
  tellAgain(): void {
    const known = Object.keys({ ...this.#states, ...this.#ones }) as InfoHash[];
    for (const infoHash of known) if (this.#isBusy(infoHash)) this.#runs(infoHash, true);
  }

  #set(infoHash: InfoHash, state: SaveState): void {
    // A save may end after its share was removed: then nobody asks how.
    const asked = isUnderWay(state) || this.#isOpen(infoHash);
    this.#put(infoHash, asked ? state : null);
  }

  #put(infoHash: InfoHash, state: SaveState | null): void {
    const isOver = state === null || !isUnderWay(state);
    const isTold = state !== null && !(isOver && this.#outdated.includes(infoHash));
    if (isOver) this.#outdated = this.#outdated.filter((other) => other !== infoHash);
    this.#change(infoHash, () => {
      this.#states = !isTold ? without(this.#states, infoHash) : { ...this.#states, [infoHash]: state };
    });
  }

  #count(infoHash: InfoHash, more: 1 | -1): void {
    this.#change(infoHash, () => {
      this.#ones = { ...this.#ones, [infoHash]: (this.#ones[infoHash] ?? 0) + more };
    });
  }

  #change(infoHash: InfoHash, change: () => void): void {
    const ran = this.#isBusy(infoHash);
    change();
    const runs = this.#isBusy(infoHash);
    if (runs !== ran) this.#runs(infoHash, runs);
  }

  #isBusy(infoHash: InfoHash): boolean {
    return isUnderWay(this.of(infoHash)) || (this.#ones[infoHash] ?? 0) > 0;
  }
}

function isUnderWay({ kind }: SaveState): boolean {
  return kind === 'saving' || kind === 'started';
}

/** The record without one share. */
export function without<T>(
  record: Readonly<Record<InfoHash, T>>,
  infoHash: InfoHash,
): Readonly<Record<InfoHash, T>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== infoHash));
}
