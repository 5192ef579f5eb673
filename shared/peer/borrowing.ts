/**
 * What this peer wants fetched by those who lend their connection ([WS31]): it is among them only while something is wanted.
 * Who takes a job joins the swarm of its address as a seed: what comes of it comes from there. Owns what is wanted, and who
 * said what to it.
 */
import type { PeerId } from '../ids.ts';
import type { JobAnswer, WebJob } from '../protocol/web-texts.ts';
import type { LendersSwarm } from './lenders-swarm.ts';

/** What those who lend say to one job. */
export interface Lenders {
  /** Those that fetch it. */
  readonly taken: number;
  /** Those that do not, by what they said last. */
  readonly refused: Readonly<Partial<Record<Exclude<JobAnswer, 'taken'>, number>>>;
  /** How many lend at all, as far as it is known; null: it is not known yet. */
  readonly online: number | null;
}

interface Wanted {
  readonly job: WebJob;
  readonly changed: (lenders: Lenders) => void;
  readonly answers: Map<PeerId, JobAnswer>;
}

export class Borrowing {
  readonly #swarm: Pick<LendersSwarm, 'wants' | 'online'>;
  readonly #wanted = new Map<string, Wanted>();

  constructor(swarm: Pick<LendersSwarm, 'wants' | 'online'>) {
    this.#swarm = swarm;
  }

  /** `job`: its address in normal form. Holds until `unwant`. `changed` is told what they say, each time. */
  want(job: WebJob, changed: (lenders: Lenders) => void = () => undefined): void {
    const answers = this.#wanted.get(job.url)?.answers ?? new Map<PeerId, JobAnswer>();
    this.#wanted.set(job.url, { job, changed, answers });
    this.#tell();
  }

  /** Those that fetch it hear nothing of that: they stop when nobody asks them for it. */
  unwant(url: string): void {
    if (this.#wanted.delete(url)) this.#tell();
  }

  /** Null: it is not wanted. */
  lendersOf(url: string): Lenders | null {
    const wanted = this.#wanted.get(url);
    if (wanted === undefined) return null;
    let taken = 0;
    const refused: Partial<Record<Exclude<JobAnswer, 'taken'>, number>> = {};
    for (const answer of wanted.answers.values()) {
      if (answer === 'taken') taken++;
      else refused[answer] = (refused[answer] ?? 0) + 1;
    }
    return { taken, refused, online: this.#swarm.online };
  }

  /** [WS31] One of those who lend has said something. */
  answered(peer: PeerId, url: string, answer: JobAnswer): void {
    const wanted = this.#wanted.get(url);
    if (wanted === undefined) return;
    wanted.answers.set(peer, answer);
    const lenders = this.lendersOf(url);
    if (lenders !== null) wanted.changed(lenders);
  }

  #tell(): void {
    this.#swarm.wants([...this.#wanted.values()].map(({ job }) => job));
  }
}
