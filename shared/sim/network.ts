/**
 * The network of a simulation ([SM2]): peers with an uplink and a downlink, links that keep their order, one
 * latency. Links open and close here and parcels travel; how an uplink is shared is uplink.ts's, how a downlink
 * fills is downlink.ts's. Knows no frames: a parcel is bytes, or a block whose bytes are made on arrival.
 */
import { linkId } from '../ids.ts';
import type { LinkId } from '../ids.ts';
import { PIECE_HEADER_BYTES } from '../limits.ts';
import { Downlink } from './downlink.ts';
import type { EventQueue, Happening } from './event-queue.ts';
import { Uplink } from './uplink.ts';

/** One-way trips until a dialled link is open: offer and answer through the tracker, ICE, DTLS, SCTP. */
const DIAL_TRIPS = 12;

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

/** One peer's access to the network. */
export class Port {
  readonly uplink: Uplink;
  readonly downlink: Downlink;
  readonly endpoint: Endpoint;
  readonly links = new Map<LinkId, Flow>();
  /** Sides of a partition; equal: they can talk. */
  side = 0;
  gone = false;
  #nextLink = 1;

  /** Rates in bytes per ms. */
  constructor(queue: EventQueue, upRate: number, downRate: number, endpoint: Endpoint) {
    this.uplink = new Uplink(queue, upRate);
    this.downlink = new Downlink(downRate);
    this.endpoint = endpoint;
  }

  newLink(): LinkId {
    return linkId(this.#nextLink++);
  }
}

/** One direction of a link: parcels leave `from` and arrive at `to` in order. */
export class Flow {
  readonly from: Port;
  readonly to: Port;
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

  constructor(from: Port, to: Port, links: readonly [LinkId, LinkId], latency: number) {
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

export interface Dialling {
  opened(linkAtFrom: LinkId, linkAtTo: LinkId): void;
  failed(): void;
}

export class Network {
  readonly #queue: EventQueue;
  readonly #latency: number;
  /** ms until the other end notices that a peer or a path is gone without a word. */
  readonly #detection: number;

  /** `latency` one way and `detection` in ms. */
  constructor(queue: EventQueue, latency: number, detection: number) {
    this.#queue = queue;
    this.#latency = latency;
    this.#detection = detection;
  }

  dial(from: Port, to: Port, result: Dialling): void {
    this.#queue.after(DIAL_TRIPS * this.#latency, () => {
      if (from.gone) return;
      if (to.gone || from.side !== to.side) return result.failed();
      const [here, there] = [from.newLink(), to.newLink()];
      from.links.set(here, new Flow(from, to, [here, there], this.#latency));
      to.links.set(there, new Flow(to, from, [there, here], this.#latency));
      result.opened(here, there);
    });
  }

  /** Sends on a link; on one that is gone nothing happens, as in a browser. */
  send(port: Port, link: LinkId, content: Uint8Array | SentBlock): void {
    const flow = port.links.get(link);
    if (flow !== undefined && !flow.dead) port.uplink.send(new Parcel(flow, content));
  }

  /** One end closes a link; the other hears of it after the latency. What is under way is lost. */
  close(port: Port, link: LinkId): void {
    const flow = port.links.get(link);
    if (flow === undefined) return;
    port.links.delete(link);
    this.#cut(flow);
    this.#notice(flow, this.#latency);
  }

  /** A peer is gone without a word: its ends are dead at once, the others notice later. */
  vanish(port: Port): void {
    port.gone = true;
    for (const flow of port.links.values()) {
      this.#cut(flow);
      this.#notice(flow, this.#detection);
    }
    port.links.clear();
  }

  /** Cuts every link whose ends are on different sides; both ends notice later. */
  partition(ports: Iterable<Port>): void {
    for (const port of ports) {
      for (const [link, flow] of port.links) {
        if (flow.to.side === port.side) continue;
        flow.dead = true;
        port.uplink.drop(flow);
        this.#queue.after(this.#detection, () => {
          if (port.links.delete(link)) port.endpoint.lost(link);
        });
      }
    }
  }

  #cut(flow: Flow): void {
    flow.dead = true;
    flow.from.uplink.drop(flow);
    const back = flow.to.links.get(flow.linkAtTo);
    if (back === undefined) return;
    back.dead = true;
    flow.to.uplink.drop(back);
  }

  #notice(flow: Flow, delay: number): void {
    const { to, linkAtTo } = flow;
    this.#queue.after(delay, () => {
      if (to.links.delete(linkAtTo) && !to.gone) to.endpoint.lost(linkAtTo);
    });
  }
}
