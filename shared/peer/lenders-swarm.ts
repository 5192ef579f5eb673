/**
 * This peer's place among those who lend their connection ([WS30] [WS31]): as one of them, or as one who asks them. Who wants
 * something fetched itself asks, and lends nothing new meanwhile: a peer is one of both. Owns which of them it is. What is
 * lent is lending.ts's, what is wanted borrowing.ts's.
 */
import type { LendingRole } from '../engine/web/web-jobs.ts';
import type { Report } from '../engine/io.ts';
import type { PeerId } from '../ids.ts';
import type { JobAnswer, WebFound, WebJob } from '../protocol/web-texts.ts';
import { LENDERS_SHARE, LENDERS_SOURCE } from './lenders-share.ts';
import type { Digest } from './ports.ts';
import type { ShareDriver } from './share-driver.ts';
import type { SideSwarms } from './side-swarms.ts';
import { swarmOfLenders } from './web-swarm.ts';

export interface LendersListener {
  /** To one who lends. */
  asked(peer: PeerId, job: WebJob): void;
  /** To one who asks. `done`: it fetches that no more, or cannot be heard. */
  answered(peer: PeerId, url: string, answer: JobAnswer, found: WebFound | null): void;
}

export class LendersSwarm {
  readonly #sides: Pick<SideSwarms, 'join' | 'leave'>;
  readonly #digest: Digest;
  readonly #listener: LendersListener;
  #lends = false;
  #wanted: readonly WebJob[] = [];
  #role: LendingRole | null = null;
  #driver: ShareDriver | null = null;
  #turns: Promise<void> = Promise.resolve();

  constructor(sides: Pick<SideSwarms, 'join' | 'leave'>, digest: Digest, listener: LendersListener) {
    this.#sides = sides;
    this.#digest = digest;
    this.#listener = listener;
  }

  lends(lends: boolean): void {
    if (lends === this.#lends) return;
    this.#lends = lends;
    this.#update();
  }

  /** All that is wanted now. */
  wants(jobs: readonly WebJob[]): void {
    this.#wanted = jobs;
    if (this.#role === 'asks') this.#driver?.feed({ kind: 'web-jobs-wanted', jobs });
    this.#update();
  }

  /** `found`: for who asked without knowing what stands there. */
  answer(peer: PeerId, url: string, answer: JobAnswer, found: WebFound | null = null): void {
    this.#driver?.feed({ kind: 'web-job-answered', peer, url, answer, found });
  }

  /** How many others lend, as far as it is known; null: it is not, or nobody looks. */
  get online(): number | null {
    return this.#driver?.snapshot().engine.online?.seeds ?? null;
  }

  #update(): void {
    this.#turns = this.#turns.then(() => this.#become(this.#due));
  }

  get #due(): LendingRole | null {
    if (this.#wanted.length > 0) return 'asks';
    return this.#lends ? 'lends' : null;
  }

  async #become(role: LendingRole | null): Promise<void> {
    if (role === this.#role) return;
    this.#role = role;
    if (this.#driver !== null) this.#sides.leave(this.#driver);
    this.#driver = null;
    if (role === null) return;
    this.#driver = await this.#sides.join({
      infoHash: await swarmOfLenders(this.#digest),
      manifest: LENDERS_SHARE,
      owned: role === 'lends' ? 'all' : [],
      source: LENDERS_SOURCE,
      lending: role,
      reported: (event) => this.#reported(event),
    });
    if (role === 'asks') this.#driver?.feed({ kind: 'web-jobs-wanted', jobs: this.#wanted });
  }

  #reported(event: Report): void {
    if (event.kind === 'web-job-asked') this.#listener.asked(event.peer, event.job);
    else if (event.kind === 'web-job-answer')
      this.#listener.answered(event.peer, event.url, event.answer, event.found);
  }
}
