/**
 * How a peer's uplink is shared ([SM2]): generalised processor sharing, the fluid ideal of fair queueing (Parekh
 * and Gallager 1993). Every link that has something waiting sends at an equal part of the rate, each in order. A
 * virtual clock counts the bytes that each of them has sent; a parcel is done when it reaches its tag, so that one
 * event a parcel is enough. A small parcel on an idle link goes between the packets of the others, at once.
 *
 * A large parcel does not start towards a receiver whose downlink is congested: it waits in the sender's buffer,
 * as congestion control would have it, and others go ahead.
 */
import type { EventQueue, Happening } from './event-queue.ts';
import type { Flow, Parcel } from './traffic.ts';

/** What fits a packet and is sent at once. */
const SMALL_BYTES = 1_200;
/** Rounding: two tags closer than so many bytes are one. */
const TAG_MARGIN_BYTES = 1e-3;

export class Uplink implements Happening {
  /** Everything that left, in bytes. */
  sentBytes = 0;
  /** The payload of blocks among it. */
  sentPayload = 0;
  readonly #queue: EventQueue;
  /** Bytes per ms. */
  readonly rate: number;
  /** Links whose oldest parcel is being sent. */
  readonly #active: Flow[] = [];
  /** Bytes that each active link has sent since time began. */
  #virtual = 0;
  /** Up to when `#virtual` counts; later than now while small parcels are on the wire. */
  #countedTo = 0;
  /** The earliest planned look at the tags. */
  #lookAt = Infinity;

  constructor(queue: EventQueue, rate: number) {
    this.#queue = queue;
    this.rate = rate;
  }

  send(parcel: Parcel): void {
    const { flow } = parcel;
    if (flow.waiting.length > 0) {
      flow.waiting.push(parcel);
      return;
    }
    if (parcel.size <= SMALL_BYTES) return this.#sendAtOnce(parcel);
    flow.waiting.push(parcel);
    this.#start(flow);
    this.#plan();
  }

  /** A receiver has room again for a link that was held. */
  resume(flow: Flow): void {
    if (flow.dead) return;
    this.#begin(flow);
    this.#plan();
  }

  /** Forgets a dead link and what waits on it. */
  drop(flow: Flow): void {
    flow.waiting.length = 0;
    const at = this.#active.indexOf(flow);
    if (at < 0) return;
    this.#count(this.#queue.now);
    this.#active.splice(at, 1);
    this.#plan();
  }

  happen(now: number): void {
    if (now >= this.#lookAt) this.#lookAt = Infinity;
    this.#count(now);
    const done = this.#finishAll(now);
    this.#plan();
    // Last, because the sender answers with more to send.
    for (const flow of done) report(flow);
  }

  #sendAtOnce(parcel: Parcel): void {
    const { now } = this.#queue;
    this.#count(now);
    this.#countedTo = Math.max(this.#countedTo, now) + parcel.size / this.rate;
    this.sentBytes += parcel.size;
    parcel.flow.left(parcel, now, this.#countedTo, this.#queue);
    parcel.flow.unreported += parcel.size;
  }

  #start(flow: Flow): void {
    if (flow.to.downlink.isCongested(this.#queue.now + flow.latency)) flow.to.downlink.hold(flow);
    else this.#begin(flow);
  }

  #begin(flow: Flow): void {
    const parcel = flow.waiting[0];
    if (parcel === undefined) return;
    this.#count(this.#queue.now);
    flow.tag = this.#virtual + parcel.size;
    flow.begunAt = this.#queue.now;
    this.#active.push(flow);
  }

  /** Takes the links whose tag is reached out of the active ones, and lets their parcels go. */
  #finishAll(now: number): Flow[] {
    const reached = this.#virtual + TAG_MARGIN_BYTES;
    const done: Flow[] = [];
    let kept = 0;
    for (const flow of this.#active) {
      if (flow.tag <= reached) done.push(flow);
      else this.#active[kept++] = flow;
    }
    this.#active.length = kept;
    for (const flow of done) this.#finish(flow, now);
    return done;
  }

  /** The oldest parcel of a link has left. */
  #finish(flow: Flow, now: number): void {
    const parcel = flow.waiting.shift();
    if (parcel === undefined) return;
    this.sentBytes += parcel.size;
    this.sentPayload += parcel.block?.length ?? 0;
    flow.unreported += parcel.size;
    flow.left(parcel, flow.begunAt, now, this.#queue);
    if (flow.waiting.length > 0) this.#start(flow);
  }

  #count(now: number): void {
    if (now <= this.#countedTo) return;
    if (this.#active.length > 0) {
      this.#virtual += ((now - this.#countedTo) * this.rate) / this.#active.length;
    }
    this.#countedTo = now;
  }

  /** Plans a look for when the first tag is reached, unless there is an earlier one. */
  #plan(): void {
    if (this.#active.length === 0) return;
    let first = Infinity;
    for (const flow of this.#active) if (flow.tag < first) first = flow.tag;
    const left = Math.max(0, first - this.#virtual) * this.#active.length;
    const from = Math.max(this.#countedTo, this.#queue.now);
    const at = from + left / this.rate;
    if (at >= this.#lookAt) return;
    this.#lookAt = at;
    this.#queue.at(at, this);
  }
}

/** Tells the sender what has left on a link. Small parcels wait for a larger one, or for the sender's next look. */
export function report(flow: Flow): void {
  const bytes = flow.unreported;
  if (bytes === 0 || flow.dead) return;
  flow.unreported = 0;
  flow.from.endpoint.departed(flow.linkAtFrom, bytes);
}
