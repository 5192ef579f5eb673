/**
 * All that a machine has to do with servers on the web, put together: addresses of a share as sources ([WS1]), a file of
 * which nobody knows the hashes ([WS20]), and jobs of those who lend their connection ([WS30]). Gives each input to the part
 * that owns the matter. Knows no intent.
 */
import { unreachable } from '../../assert.ts';
import type { PeerId } from '../../ids.ts';
import type { Random } from '../../random.ts';
import type { Connections } from '../connection/connections.ts';
import type { Content } from '../content.ts';
import type { Input, Output } from '../io.ts';
import { WebJobs } from './web-jobs.ts';
import type { LendingRole } from './web-jobs.ts';
import { WebSeeds } from './web-seeds.ts';
import type { WebInput } from './web-seeds.ts';
import { WebSwarm } from './web-swarm.ts';
import type { WebSwarmOptions, WebTerms } from './web-swarm.ts';

export type { LendingRole } from './web-jobs.ts';
export type { WebTerms } from './web-swarm.ts';

/** [WS24] What is followed by a look at whose turn it is, at once. */
const TURN_INPUTS: ReadonlySet<Input['kind']> = new Set([
  'download-requested',
  'peers-announced',
  'peer-joined',
]);

export type WebSideInput = Input & {
  kind: WebInput['kind'] | 'whole-refused' | 'web-jobs-wanted' | 'web-job-answered';
};

const KINDS: Readonly<Record<WebSideInput['kind'], true>> = {
  'web-seeds-allowed': true,
  'range-came': true,
  'range-ended': true,
  'range-failed': true,
  'whole-refused': true,
  'web-jobs-wanted': true,
  'web-job-answered': true,
};

export function isOfWeb(input: Input): input is WebSideInput {
  return Object.hasOwn(KINDS, input.kind);
}

export interface WebSideOptions extends Pick<WebSwarmOptions, 'own' | 'lost'> {
  /** Null: nothing is known of it. */
  readonly content: () => Content | null;
  readonly connections: Connections;
  readonly random: Random;
  readonly terms: WebTerms | null;
  readonly lending: LendingRole | null;
}

export class WebSide {
  readonly seeds: WebSeeds;
  readonly jobs: WebJobs;
  /** [WS20] Null: the hashes are known. */
  readonly swarm: WebSwarm | null;
  readonly #options: WebSideOptions;

  constructor(options: WebSideOptions) {
    this.#options = options;
    const { connections, random, terms, lending, content, lost } = options;
    const seeds = new WebSeeds({ sources: connections.sources, random });
    this.seeds = seeds;
    this.jobs = new WebJobs(lending, connections);
    this.swarm =
      terms === null
        ? null
        : new WebSwarm({
            ...options,
            terms,
            isServer: (sender) => seeds.has(sender),
            order: (range, out) => seeds.order(range, out),
            abort: (range, out) => out.push({ kind: 'abort-range', range }),
            isHere: (piece) => content()?.ledger.owned.has(piece) === true,
            expel: (sender, piece, now, out) => {
              connections.expel(sender, piece, now, out);
              content()?.abandonFrom(sender, out);
            },
            lost: (pieces, now, out) => {
              lost(pieces, now, out);
              out.push({ kind: 'report', event: { kind: 'pieces-doubted', pieces } });
            },
          });
  }

  handle(input: WebSideInput, now: number, out: Output[]): void {
    switch (input.kind) {
      case 'web-seeds-allowed':
        this.swarm?.looks.leaveServer(out);
        return this.seeds.handle(input, now, out);
      case 'range-came':
      case 'range-ended':
      case 'range-failed':
        return this.swarm?.looks.isOut(input.range) === true
          ? this.swarm.looks.handle(input, now, out)
          : this.seeds.handle(input, now, out);
      case 'whole-refused':
        return this.swarm?.wholeRefused(
          [...(this.#options.content()?.ledger.owned.members() ?? [])],
          now,
          out,
        );
      case 'web-jobs-wanted':
      case 'web-job-answered':
        return this.jobs.handle(input, out);
      default:
        return unreachable(input);
    }
  }

  /** [PL5] False: it is nobody here. */
  expel(peer: PeerId, out: Output[]): boolean {
    return this.seeds.expel(peer, out);
  }

  /** At the end of a step, when all is asked for that is asked for in it. */
  run(stopped: boolean, now: number, out: Output[]): void {
    if (stopped) this.swarm?.looks.leaveServer(out);
    else this.swarm?.looks.run(now, out);
    this.seeds.flush(out);
    this.jobs.run(out);
  }

  tick(isLoading: boolean, now: number, out: Output[]): void {
    const content = this.#options.content();
    const { stopped } = this.#options.connections;
    this.seeds.tick(now, out);
    this.jobs.tick(now, out);
    if (!stopped) this.swarm?.looks.tick(content?.ledger.complete === true, now, out);
    if (content !== null && isLoading) this.#takeTurns(content, now);
  }

  /** [WS24] Something happened while it is being loaded. */
  followed(kind: Input['kind'], now: number): void {
    const content = this.#options.content();
    if (content !== null && TURN_INPUTS.has(kind)) this.#takeTurns(content, now);
  }

  #takeTurns(content: Content, now: number): void {
    if (this.swarm === null) return;
    this.seeds.spare(this.swarm.spared(content.pieceCount, this.seeds.standing(now), now));
  }

  /** Somebody has to look whether something goes on. */
  get isBusy(): boolean {
    return this.seeds.isBusy || this.isLooking;
  }

  /** [WS22] Somebody is asked, or is to be asked, for what came of others. */
  get isLooking(): boolean {
    return (this.swarm?.looks.size ?? 0) > 0;
  }

  /** When it has to be looked at without being asked, in ms; Infinity: never. */
  get dueAt(): number {
    return this.seeds.dueAt;
  }
}
