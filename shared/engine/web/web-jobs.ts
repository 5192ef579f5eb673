/**
 * What is said among those who lend their connection and those who look for them ([WS30] [WS31]): who asks tells each job
 * once to a lender that is connected, who lends hears it and answers. Owns which jobs were told on which connection. In any
 * other swarm each of these frames is a violation. Knows no addresses: whether one may be asked is not its business.
 */
import type { PeerId } from '../../ids.ts';
import { MAX_WEB_JOBS } from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { Frame, Violation } from '../../protocol/frames.ts';
import { encodeWebFound, encodeWebJob, parseWebFound, parseWebJob } from '../../protocol/web-texts.ts';
import type { JobAnswer, WebFound, WebJob } from '../../protocol/web-texts.ts';
import type { Connection } from '../connection/connection.ts';
import type { Input, Output } from '../io.ts';

/** What this peer does in the swarm of those who lend: one of both, never both. */
export type LendingRole = 'lends' | 'asks';

type JobFrame = Frame & { kind: 'web-job' | 'web-job-answer' };
export type JobInput = Input & { kind: 'web-jobs-wanted' | 'web-job-answered' };

/** A job that was told on a connection. */
interface Told {
  readonly url: string;
  /** Null: none has come. */
  answer: JobAnswer | null;
}

const NOTHING = new Uint8Array();
/** Lenders that have a job, or have not said that they do not: more would only crowd its server. */
const MOST_LENDERS = 16;
/** Beside them after each so many ms, and in all. */
const MORE_LENDERS = 8;
const MORE_LENDERS_MS = 60_000;
const MOST_LENDERS_EVER = 64;

export class WebJobs {
  readonly #role: LendingRole | null;
  readonly #connections: Iterable<Connection>;
  /** In the order of the telling; the answers name them by it. */
  readonly #told = new Map<Connection, Told[]>();
  readonly #closed: Connection[] = [];
  #wanted: readonly WebJob[] = [];
  #most = MOST_LENDERS;
  /** ms; null: nothing is wanted. */
  #moreAt: number | null = null;

  /** `role` null: this is another kind of swarm. */
  constructor(role: LendingRole | null, connections: Iterable<Connection>) {
    this.#role = role;
    this.#connections = connections;
  }

  handle(input: JobInput, out: Output[]): void {
    if (input.kind === 'web-jobs-wanted') {
      this.#wanted = input.jobs;
      if (input.jobs.length === 0) this.#most = MOST_LENDERS;
      return this.#tellAll(out);
    }
    for (const [connection, told] of this.#told) {
      if (connection.wire.id !== input.peer) continue;
      told.forEach((one, job) => {
        if (one.url !== input.url || !follows(one, input.answer)) return;
        one.answer = input.answer;
        const found = input.found === null ? NOTHING : encodeWebFound(input.found);
        connection.wire.send({ kind: 'web-job-answer', job, answer: input.answer, found }, out);
      });
    }
  }

  /** It can be spoken to by now. */
  extended(connection: Connection, out: Output[]): void {
    if (this.#role === 'asks') this.#tell(connection, out);
  }

  heard(connection: Connection, frame: JobFrame, out: Output[]): Violation | null {
    if (frame.kind === 'web-job' && this.#role === 'lends') return this.#asked(connection, frame, out);
    if (frame.kind === 'web-job-answer' && this.#role === 'asks')
      return this.#answered(connection, frame, out);
    return violation('out-of-phase', `a ${frame.kind} frame where nobody lends or asks so`);
  }

  /** Lenders may only say that they fetch, or say nothing: the longer something is wanted, the more of them are told. */
  tick(now: number, out: Output[]): void {
    if (this.#role !== 'asks' || this.#wanted.length === 0) return void (this.#moreAt = null);
    this.#moreAt ??= now + MORE_LENDERS_MS;
    if (now < this.#moreAt || this.#most >= MOST_LENDERS_EVER) return;
    this.#moreAt = now + MORE_LENDERS_MS;
    this.#most += MORE_LENDERS;
    this.#tellAll(out);
  }

  closed(connection: Connection): void {
    if (this.#told.has(connection)) this.#closed.push(connection);
  }

  /** Whoever said that it has a job and cannot be heard any more counts as if it had ended it; others may have it now. */
  run(out: Output[]): void {
    if (this.#closed.length === 0) return;
    for (const connection of this.#closed.splice(0)) {
      const told = this.#told.get(connection) ?? [];
      this.#told.delete(connection);
      if (this.#role !== 'asks') continue;
      for (const { url, answer } of told)
        if (answer === 'taken') report(connection.wire.peer, url, 'done', null, out);
    }
    if (this.#role === 'asks') this.#tellAll(out);
  }

  #tellAll(out: Output[]): void {
    for (const connection of this.#connections) if (connection.wire.extended) this.#tell(connection, out);
  }

  #tell(connection: Connection, out: Output[]): void {
    const told = this.#toldTo(connection);
    for (const job of this.#wanted) {
      if (told.length >= MAX_WEB_JOBS) return;
      if (told.some(({ url }) => url === job.url) || this.#lendersOf(job.url) >= this.#most) continue;
      told.push({ url: job.url, answer: null });
      connection.wire.send({ kind: 'web-job', text: encodeWebJob(job) }, out);
    }
  }

  #lendersOf(url: string): number {
    let lenders = 0;
    for (const told of this.#told.values())
      lenders += told.filter((one) => one.url === url && (one.answer ?? 'taken') === 'taken').length;
    return lenders;
  }

  #asked(connection: Connection, frame: JobFrame & { kind: 'web-job' }, out: Output[]): Violation | null {
    const job = parseWebJob(frame.text);
    if (job === null) return violation('bad-web-text', 'a job that is none');
    const told = this.#toldTo(connection);
    if (told.length >= MAX_WEB_JOBS)
      return violation('too-many-requests', `over ${MAX_WEB_JOBS} jobs on one connection`);
    told.push({ url: job.url, answer: null });
    const event = { kind: 'web-job-asked' as const, peer: connection.wire.peer, job };
    out.push({ kind: 'report', event });
    return null;
  }

  /** Only `done` may follow, and only what was taken can end. */
  #answered(
    connection: Connection,
    { job, answer, found: text }: JobFrame & { kind: 'web-job-answer' },
    out: Output[],
  ): Violation | null {
    const told = this.#toldTo(connection)[job];
    if (told === undefined || !follows(told, answer))
      return violation('out-of-phase', `an answer to job ${job}, unasked`);
    const found = text.length === 0 ? null : parseWebFound(text);
    if (text.length > 0 && found === null) return violation('bad-web-text', 'what was found is none');
    told.answer = answer;
    report(connection.wire.peer, told.url, answer, found, out);
    if (answer !== 'taken') this.#tellAll(out);
    return null;
  }

  #toldTo(connection: Connection): Told[] {
    const told = this.#told.get(connection) ?? [];
    this.#told.set(connection, told);
    return told;
  }
}

function follows({ answer: before }: Told, answer: JobAnswer): boolean {
  return answer === 'done' ? before === 'taken' : before === null;
}

function report(peer: PeerId, url: string, answer: JobAnswer, found: WebFound | null, out: Output[]): void {
  out.push({ kind: 'report', event: { kind: 'web-job-answer', peer, url, answer, found } });
}
