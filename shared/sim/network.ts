/**
 * The network of a simulation ([SM2]): peers with an uplink and a downlink, links that keep their order, one
 * latency. Links open and close here and parcels travel; how an uplink is shared is uplink.ts's, how a downlink
 * fills is downlink.ts's. Knows no frames: a parcel is bytes, or a block whose bytes are made on arrival.
 */
import { linkId } from '../ids.ts';
import type { LinkId } from '../ids.ts';
import { Downlink } from './downlink.ts';
import type { EventQueue } from './event-queue.ts';
import { Flow, Parcel } from './traffic.ts';
import type { Access, Endpoint, SentBlock } from './traffic.ts';
import { Uplink } from './uplink.ts';

/** One-way trips until a dialled link is open: offer and answer through the tracker, ICE, DTLS, SCTP. */
const DIAL_TRIPS = 12;
/** Of them, those until the first word of the other side. */
const ANSWER_TRIPS = 4;

/** A peer's access, with what it is made of. */
export class Port implements Access {
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

export interface Dialling {
  answered(): void;
  opened(linkAtFrom: LinkId, linkAtTo: LinkId): void;
  failed(): void;
}

export class Network {
  readonly #queue: EventQueue;
  /** ms, one way. */
  readonly latency: number;
  /** ms until the other end notices that a peer or a path is gone without a word. */
  readonly #detection: number;

  /** `latency` one way and `detection` in ms. */
  constructor(queue: EventQueue, latency: number, detection: number) {
    this.#queue = queue;
    this.latency = latency;
    this.#detection = detection;
  }

  dial(from: Port, to: Port, result: Dialling): void {
    this.#queue.after(ANSWER_TRIPS * this.latency, () => {
      if (!from.gone && !to.gone && from.side === to.side) result.answered();
    });
    this.#queue.after(DIAL_TRIPS * this.latency, () => {
      if (from.gone) return;
      if (to.gone || from.side !== to.side) return result.failed();
      const [here, there] = [from.newLink(), to.newLink()];
      from.links.set(here, new Flow(from, to, [here, there], this.latency));
      to.links.set(there, new Flow(to, from, [there, here], this.latency));
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
    this.#notice(flow, this.latency);
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
