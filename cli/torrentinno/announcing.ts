/**
 * [HL56] When which share is announced at TorrentInno's tracker: each every 30 s, few at the same time, and while the
 * tracker is away one alone, until it answers again. Owns these times. Knows no HTTP and nobody who is named.
 */
import type { Clock } from '../../shared/peer/ports.ts';
import { ANNOUNCE_EVERY_MS, ANNOUNCED_AT_ONCE, RETRY_ANNOUNCE_MS } from './limits.ts';
import type { NamedPeer, TrackerAnswer } from './tracker.ts';

export interface Announcer {
  announce(): Promise<TrackerAnswer>;
  named(peers: readonly NamedPeer[]): void;
}

/** Null: it is there, and takes us. */
export type TrackerTrouble = string | null;

interface Entry {
  readonly announcer: Announcer;
  dueAt: number;
  underWay: boolean;
  left: boolean;
}

export class Announcing {
  readonly #clock: Clock;
  readonly #told: (trouble: TrackerTrouble) => void;
  readonly #entries = new Set<Entry>();
  #underWay = 0;
  #isAway = false;
  #trouble: TrackerTrouble | undefined;
  /** While it is away: not before. */
  #triedAgainAt = -Infinity;
  #cancel: () => void = () => undefined;

  /** `told`: how it stands with the tracker, when that changes. */
  constructor(clock: Clock, told: (trouble: TrackerTrouble) => void) {
    this.#clock = clock;
    this.#told = told;
  }

  /** At once, and again and again until the answer is called. */
  join(announcer: Announcer): () => void {
    const entry: Entry = { announcer, dueAt: this.#clock.now(), underWay: false, left: false };
    this.#entries.add(entry);
    this.#run();
    return () => {
      entry.left = true;
      this.#entries.delete(entry);
    };
  }

  /** What was announced may not be so any more, or the way to the tracker is another one. */
  hurry(): void {
    const now = this.#clock.now();
    this.#triedAgainAt = now;
    for (const entry of this.#entries) entry.dueAt = now;
    this.#run();
  }

  close(): void {
    for (const entry of this.#entries) entry.left = true;
    this.#entries.clear();
    this.#cancel();
  }

  #run(): void {
    const now = this.#clock.now();
    const due = [...this.#entries]
      .filter(({ underWay, dueAt }) => !underWay && dueAt <= now)
      .sort((one, other) => one.dueAt - other.dueAt);
    for (const entry of due) {
      if (this.#underWay >= (this.#isAway ? 1 : ANNOUNCED_AT_ONCE)) break;
      if (this.#isAway && now < this.#triedAgainAt) break;
      this.#triedAgainAt = now + RETRY_ANNOUNCE_MS;
      void this.#announce(entry);
    }
    this.#plan();
  }

  async #announce(entry: Entry): Promise<void> {
    entry.underWay = true;
    this.#underWay += 1;
    // From its beginning: the tracker forgets 35 s after it heard us.
    entry.dueAt = this.#clock.now() + ANNOUNCE_EVERY_MS;
    const answer = await entry.announcer.announce();
    entry.underWay = false;
    this.#underWay -= 1;
    this.#isAway = answer.kind === 'away';
    if (this.#isAway) entry.dueAt = this.#clock.now();
    if (entry.left) return;
    this.#tell(answer.kind === 'answered' ? null : answer.why);
    if (answer.kind === 'answered') entry.announcer.named(answer.peers);
    this.#run();
  }

  #tell(trouble: TrackerTrouble): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#told(trouble);
  }

  #plan(): void {
    this.#cancel();
    let at = Infinity;
    for (const { underWay, dueAt } of this.#entries) if (!underWay) at = Math.min(at, dueAt);
    if (this.#isAway) at = Math.max(at, this.#triedAgainAt);
    const wait = at - this.#clock.now();
    // What is due and does not go yet is looked at when one that is under way has ended.
    if (at === Infinity || (wait <= 0 && this.#underWay > 0)) return;
    this.#cancel = this.#clock.after(wait, () => this.#run());
  }
}
