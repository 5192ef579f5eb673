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
    return Object.values(this.#states).some(isUnderWay);
  }

  /** … by this page. */
  get isAnyBegunHere(): boolean {
    return Object.entries(this.#states).some(
      ([infoHash, state]) => isUnderWay(state) && state !== this.#heard[infoHash as InfoHash],
    );
  }

  /** Answers what to call with how it goes on. */
  begin(infoHash: InfoHash): (state: SaveState) => void {
    let latest: SaveState = { kind: 'saving' };
    this.#set(infoHash, latest);
    return (state) => {
      if (this.of(infoHash) === latest) this.#set(infoHash, (latest = { ...state }));
    };
  }

  heard(infoHash: InfoHash, state: { kind: 'started' } | SaveEnd): void {
    const current = this.of(infoHash);
    if (isUnderWay(current) && current !== this.#heard[infoHash]) return;
    this.#heard = { ...this.#heard, [infoHash]: state };
    this.#put(infoHash, state);
  }

  /** The share was removed; a save of it that runs is still cut off when the page is left. */
  removed(infoHash: InfoHash): void {
    if (!isUnderWay(this.of(infoHash))) this.#put(infoHash, null);
  }

  /** Whoever is told now knows nothing of what is under way. */
  tellAgain(): void {
    for (const [infoHash, state] of Object.entries(this.#states)) {
      if (isUnderWay(state)) this.#runs(infoHash as InfoHash, true);
    }
  }

  #set(infoHash: InfoHash, state: SaveState): void {
    // A save may end after its share was removed: then nobody asks how.
    const asked = isUnderWay(state) || this.#isOpen(infoHash);
    this.#put(infoHash, asked ? state : null);
  }

  #put(infoHash: InfoHash, state: SaveState | null): void {
    const ran = isUnderWay(this.of(infoHash));
    this.#states = state === null ? without(this.#states, infoHash) : { ...this.#states, [infoHash]: state };
    const runs = isUnderWay(this.of(infoHash));
    if (runs !== ran) this.#runs(infoHash, runs);
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
