/**
 * What travels in a simulation ([SM2]): parcels on the two directions of a link, each between two peers' accesses to the
 * network. A parcel is bytes, or a block whose bytes are made on arrival. Knows no rates: those are uplink.ts's and
 * downlink.ts's.
 */
import type { LinkId } from '../ids.ts';
import { PIECE_HEADER_BYTES } from '../limits.ts';
import type { EventQueue, Happening } from './event-queue.ts';

/** What a peer hears of its links. */
export interface Endpoint {
  /** A whole parcel arrived. */
  arrived(link: LinkId, parcel: Parcel): void;
  /** That many bytes have left the uplink. */
  departed(link: LinkId, bytes: number): void;
  /** The link is gone, and not by our own doing. */
  lost(link: LinkId): void;
}

/** One block of a share on its way. */
export interface SentBlock {
  readonly piece: number;
  readonly offset: number;
  readonly length: number;
  readonly corrupt: boolean;
}

/** Where a peer's parcels leave. */
export interface Sending {
  /** The link's receiver takes large parcels again. */
  resume(flow: Flow): void;
  /** What waits on that link never leaves. */
  drop(flow: Flow): void;
  send(parcel: Parcel): void;
}

/** Where they arrive. Times in ms. */
export interface Receiving {
  /** A parcel of so many bytes comes from `first` to `last`; the answer is when all of it is there. */
  carry(first: number, last: number, bytes: number): number;
  delivered(now: number): void;
  isCongested(at: number): boolean;
  /** That link's next large parcel waits until there is room. */
  hold(flow: Flow): void;
}

/** One peer's access to the network. */
export interface Access {
  readonly uplink: Sending;
  readonly downlink: Receiving;
  readonly endpoint: Endpoint;
  readonly links: Map<LinkId, Flow>;
  readonly side: number;
  readonly gone: boolean;
}

/** One direction of a link: parcels leave `from` and arrive at `to` in order. */
export class Flow {
  readonly from: Access;
  readonly to: Access;
  /** What the two ends call the link. */
  readonly linkAtFrom: LinkId;
  readonly linkAtTo: LinkId;
  readonly latency: number;
  /** Parcels that have not left `from`, oldest first. */
  readonly waiting: Parcel[] = [];
  /** Finish of the oldest waiting parcel, on the uplink's own clock. */
  tag = 0;
  /** When its first byte left. */
  begunAt = 0;
  /** Nothing leaves or arrives any more. */
  dead = false;
  /** Bytes of small parcels that left and were not reported yet. */
  unreported = 0;

  constructor(from: Access, to: Access, links: readonly [LinkId, LinkId], latency: number) {
    this.from = from;
    this.to = to;
    [this.linkAtFrom, this.linkAtTo] = links;
    this.latency = latency;
  }

  /** A parcel has left the uplink from `first` to `last`. */
  left(parcel: Parcel, first: number, last: number, queue: EventQueue): void {
    const { latency } = this;
    queue.at(this.to.downlink.carry(first + latency, last + latency, parcel.size), parcel);
  }
}

export class Parcel implements Happening {
  readonly flow: Flow;
  readonly bytes: Uint8Array | null;
  readonly block: SentBlock | null;
  /** Bytes on the wire, frame header included. */
  readonly size: number;

  constructor(flow: Flow, content: Uint8Array | SentBlock) {
    this.flow = flow;
    if (content instanceof Uint8Array) {
      this.bytes = content;
      this.block = null;
      this.size = content.length;
    } else {
      this.bytes = null;
      this.block = content;
      this.size = PIECE_HEADER_BYTES + content.length;
    }
  }

  happen(now: number): void {
    const { flow } = this;
    flow.to.downlink.delivered(now);
    if (!flow.dead) flow.to.endpoint.arrived(flow.linkAtTo, this);
  }
}
