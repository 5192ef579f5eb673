/**
 * One link of several connections ([PN14]): over a distance a WebRTC association carries few packets for each round
 * trip, whatever the line could, and several carry several times as much. Everything but blocks goes over the first one.
 * Owns when more are wanted, whether they help, and which block goes over which. Knows how no connection is made and no
 * frame but that some may overtake others.
 */
import { RateMeter } from '../engine/meters/rate-meter.ts';
import { SUBFLOW_TRIAL_AGAIN_MS, SUBFLOWS_WORTH_MS } from './limits.ts';
import type { Clock, Link, LinkListener, LinkPath } from './ports.ts';

/** Less in a second says nothing of how fast it could be, … */
const SENDING_RATE = 131_072;
/** … and of less in all the end is near. */
const SENT_BYTES = 1_048_576;
/** One connection is as fast as it gets where it was not faster by a tenth for so long. */
const STEADY_MS = 2_000;
const STEADY = 1.1;
/** Until all of those that are opened are there, or so many ms; none of them after so many: they cannot be had. */
const OPENING_MS = 1_500;
const OPENING_MOST_MS = 10_000;
/** What is not used is let go after so many ms. */
const IDLE_MS = 20_000;
/** With one over which nothing went for so long nothing is lost. */
const LOST_MS = 15_000;
/** Several are used for so long before the speed, which is that of the last three seconds, is compared with that of one. */
const TRIAL_MS = 4_000;
/** They help where all together are so much faster. */
const HELPS = 1.15;

export interface BundleHost {
  readonly clock: Pick<Clock, 'now'>;
  /** How many further connections this link may use now. */
  most(): number;
  /** Begins so many, which are added when they are open. */
  open(count: number): void;
  /** Nothing goes over that one any more. */
  release(further: Link): void;
  /** The link is over, and with it those that are under way. */
  over(): void;
}

interface Flow {
  readonly link: Link;
  /** 0: the first one; the others are numbered as they open. */
  readonly subflow: number;
  /** Bytes that it was given and that are not told to have left. */
  unsent: number;
  /** When something was given to it or came over it last. */
  usedAt: number;
}

type Trial =
  /** One connection, which was so fast then; nothing is known of more. */
  | { readonly kind: 'alone'; readonly since: number; readonly rate: number }
  | { readonly kind: 'measuring' }
  | { readonly kind: 'opening'; readonly since: number; readonly awaited: number }
  | { readonly kind: 'trying'; readonly since: number; readonly before: number }
  | { readonly kind: 'used' }
  /** They did not help, or could not be had. */
  | { readonly kind: 'given-up'; readonly at: number };

const ALONE: Trial = { kind: 'alone', since: -Infinity, rate: 0 };

export class BundledLink implements Link {
  readonly path: LinkPath;
  readonly #host: BundleHost;
  readonly #first: Flow;
  readonly #further: Flow[] = [];
  #added = 0;
  #listener: LinkListener | null = null;
  #over = false;
  #trial: Trial = ALONE;
  readonly #leaving = new RateMeter();

  constructor(first: Link, host: BundleHost) {
    this.path = first.path;
    this.#first = { link: first, subflow: 0, unsent: 0, usedAt: 0 };
    this.#host = host;
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
    this.#first.link.listen({
      received: (bytes) => listener.received(bytes),
      sent: (bytes) => this.#sent(this.#first, bytes),
      closed: (why) => {
        this.#end();
        listener.closed(why);
      },
    });
  }

  send(bytes: Uint8Array<ArrayBuffer>, mayOvertake = false): void {
    if (this.#over) return;
    const flow = mayOvertake ? this.#freest() : this.#first;
    flow.unsent += bytes.length;
    flow.usedAt = this.#host.clock.now();
    flow.link.send(bytes);
  }

  frame(bytes: number): Uint8Array<ArrayBuffer> {
    return this.#first.link.frame?.(bytes) ?? new Uint8Array(bytes);
  }

  close(): void {
    if (this.#over) return;
    this.#end();
    this.#first.link.close();
  }

  /** Whether as much leaves as says something of how fast it could. */
  get isSending(): boolean {
    return this.#leaving.total >= SENT_BYTES && this.#rate >= SENDING_RATE;
  }

  get #rate(): number {
    return this.#leaving.perSecond(this.#host.clock.now());
  }

  /** Another connection to the same peer is open. */
  add(link: Link): void {
    const listener = this.#listener;
    if (this.#over || listener === null) return link.close();
    const { clock } = this.#host;
    const flow: Flow = { link, subflow: ++this.#added, unsent: 0, usedAt: clock.now() };
    this.#further.push(flow);
    link.listen({
      received: (bytes) => {
        flow.usedAt = clock.now();
        listener.received(bytes, flow.subflow);
      },
      sent: (bytes) => this.#sent(flow, bytes),
      closed: (why) => {
        if (why === 'flooded') this.#flooded(listener);
        else this.#lost(flow, listener);
      },
    });
  }

  /** Its connection is gone, whether it said so or not. */
  remove(link: Link): void {
    const flow = this.#further.find((further) => further.link === link);
    if (flow !== undefined && this.#listener !== null) this.#lost(flow, this.#listener);
  }

  /** What is lost with it is asked for again by whoever misses it. */
  #lost(flow: Flow, listener: LinkListener): void {
    const place = this.#further.indexOf(flow);
    // With the link all are over, and nobody is to be told in the middle of that.
    if (place < 0 || this.#over) return;
    this.#further.splice(place, 1);
    // It may not have said all yet, and is not heard any more.
    flow.link.close();
    if (this.#further.length === 0) this.#giveUp();
    listener.subflowEnded?.(flow.subflow, this.#host.clock.now() - flow.usedAt < LOST_MS);
    if (flow.unsent > 0) listener.sent(flow.unsent);
  }

  /** [PN8] */
  #flooded(listener: LinkListener): void {
    this.close();
    listener.closed('flooded');
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#host.over();
    for (const { link } of this.#further.splice(0)) link.close();
  }

  /** Of those in use the one where the least waits: the first one where none is freer. */
  #freest(): Flow {
    let freest = this.#first;
    for (const flow of this.#inUse) if (flow.unsent < freest.unsent) freest = flow;
    return freest;
  }

  get #inUse(): readonly Flow[] {
    const { kind } = this.#trial;
    if (this.#further.length === 0 || (kind !== 'used' && kind !== 'trying')) return [];
    return this.#further.slice(0, this.#host.most());
  }

  #sent(flow: Flow, bytes: number): void {
    flow.unsent -= bytes;
    this.#leaving.add(bytes, this.#host.clock.now());
    this.#reconsider();
    this.#listener?.sent(bytes);
  }

  // Whether several are worth it

  #reconsider(): void {
    const now = this.#host.clock.now();
    const trial = this.#trial;
    switch (trial.kind) {
      case 'alone':
        if (now - trial.since < STEADY_MS || !this.isSending) return;
        if (this.#rate > STEADY * trial.rate) this.#trial = { kind: 'alone', since: now, rate: this.#rate };
        else if (this.#host.most() > 0) this.#begin();
        return;
      case 'opening': {
        const isReady = this.#further.length >= trial.awaited || now - trial.since >= OPENING_MS;
        if (this.#further.length > 0 && isReady) this.#try(now);
        else if (now - trial.since >= OPENING_MOST_MS) this.#giveUp();
        return;
      }
      case 'trying':
        if (now - trial.since < TRIAL_MS) return;
        if (this.#rate >= HELPS * trial.before) this.#trial = { kind: 'used' };
        else this.#giveUp();
        return;
      case 'given-up':
        if (now - trial.at >= SUBFLOW_TRIAL_AGAIN_MS) this.#trial = ALONE;
        for (const { link, usedAt } of [...this.#further])
          if (now - usedAt >= IDLE_MS) this.#host.release(link);
        return;
      default:
    }
  }

  #begin(): void {
    this.#trial = { kind: 'measuring' };
    void this.#roundTripMs().then((roundTripMs) => {
      const [now, most] = [this.#host.clock.now(), this.#host.most()];
      if (this.#over) return;
      if (roundTripMs < SUBFLOWS_WORTH_MS || most === 0) return this.#giveUp();
      const awaited = most - this.#further.length;
      if (awaited <= 0) return this.#try(now);
      this.#trial = { kind: 'opening', since: now, awaited: most };
      this.#host.open(awaited);
    });
  }

  /** One that cannot be known is taken to be short. */
  async #roundTripMs(): Promise<number> {
    // Through a relay, which is somebody else's, one is enough.
    if (this.path === 'relayed') return 0;
    try {
      return (await this.#first.link.roundTripMs?.()) ?? 0;
    } catch {
      return 0;
    }
  }

  #try(now: number): void {
    this.#trial = { kind: 'trying', since: now, before: this.#rate };
  }

  #giveUp(): void {
    this.#trial = { kind: 'given-up', at: this.#host.clock.now() };
  }
}
