/**
 * What this peer wants fetched by those who lend their connection ([WS31]): it is among them only while something is wanted.
 * Who takes a job joins the swarm of its address as a seed: what comes of it comes from there. Owns what is wanted, and who
 * said what to it.
 */
import type { PeerId } from '../ids.ts';
import type { JobAnswer, WebFound, WebJob } from '../protocol/web-texts.ts';
import type { LendersSwarm } from './lenders-swarm.ts';
import type { Clock } from './ports.ts';

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
  /** What those who took it say that stands there, each once, while it is not known. */
  readonly found: Map<PeerId, WebFound>;
}

/** ms until nobody who lends is waited for, and in which others may say something else than the first one. */
const FOUND_PATIENCE_MS = 20_000;
const FOUND_OTHERS_MS = 1_000;
/** ms after which it is believed that nobody lends. */
const NOBODY_MS = 4_000;

export class Borrowing {
  readonly #swarm: Pick<LendersSwarm, 'wants' | 'online'>;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #wanted = new Map<string, Wanted>();

  constructor(swarm: Pick<LendersSwarm, 'wants' | 'online'>, clock: Pick<Clock, 'after'>) {
    this.#swarm = swarm;
    this.#clock = clock;
  }

  /** `job`: its address in normal form. Holds until `unwant`. `changed` is told what they say, each time. */
  want(job: WebJob, changed: (lenders: Lenders) => void = () => undefined): void {
    const { answers = new Map<PeerId, JobAnswer>(), found = new Map<PeerId, WebFound>() } =
      this.#wanted.get(job.url) ?? {};
    this.#wanted.set(job.url, { job, changed, answers, found });
    this.#tell();
  }

  /**
   * [WS36] What stands at an address that this peer cannot ask itself, as most of those say who took it within a second from
   * the first of them on; null: nobody did. It is wanted from then on, until `unwant`.
   */
  async found(url: string): Promise<WebFound | null> {
    let first: () => void = () => undefined;
    const said = new Promise<void>((heard) => (first = heard));
    this.want({ url, facts: null }, () => {
      if ((this.#wanted.get(url)?.found.size ?? 0) > 0) first();
    });
    const cancels = [
      this.#clock.after(FOUND_PATIENCE_MS, first),
      // The tracker has said by then who there is.
      this.#clock.after(NOBODY_MS, () => {
        if (this.#swarm.online === 0) first();
      }),
    ];
    await said;
    for (const cancel of cancels) cancel();
    if ((this.#wanted.get(url)?.found.size ?? 0) === 0) {
      this.unwant(url);
      return null;
    }
    await new Promise<void>((passed) => this.#clock.after(FOUND_OTHERS_MS, passed));
    return mostSaid([...(this.#wanted.get(url)?.found.values() ?? [])]);
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
  answered(peer: PeerId, url: string, answer: JobAnswer, found: WebFound | null): void {
    const wanted = this.#wanted.get(url);
    if (wanted === undefined) return;
    if (found !== null && answer === 'taken' && wanted.job.facts === null) wanted.found.set(peer, found);
    wanted.answers.set(peer, answer);
    const lenders = this.lendersOf(url);
    if (lenders !== null) wanted.changed(lenders);
  }

  #tell(): void {
    this.#swarm.wants([...this.#wanted.values()].map(({ job }) => job));
  }
}

/** Of several that as many say the one that came first. */
function mostSaid(all: readonly WebFound[]): WebFound | null {
  const counts = new Map<string, number>();
  const keyOf = ({ size, etag, lastModified }: WebFound): string =>
    JSON.stringify([size, etag, lastModified]);
  for (const found of all) counts.set(keyOf(found), (counts.get(keyOf(found)) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return all.find((found) => counts.get(keyOf(found)) === most) ?? null;
}
