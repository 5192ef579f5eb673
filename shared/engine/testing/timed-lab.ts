/**
 * A laboratory where bytes take time: machines and other parties of a test on the simulator's network, each with an
 * uplink and a downlink of its own ([SM2]), on one virtual clock. Whoever is to be linked is linked by the test; there
 * is no tracker. Counts the payload that everybody got of everybody. Work of a machine takes no time: what is slow here is
 * the network.
 */
import { dials } from '../../ids.ts';
import type { LinkId } from '../../ids.ts';
import { PIECE_HEADER_BYTES } from '../../limits.ts';
import { FRAME_TYPES } from '../../protocol/frames.ts';
import { seededRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import { EventQueue } from '../../sim/event-queue.ts';
import { Network, Port } from '../../sim/network.ts';
import type { Endpoint, Parcel } from '../../sim/traffic.ts';
import { report } from '../../sim/uplink.ts';
import { LabMachine } from './lab-machine.ts';
import type { MachineOptions } from './lab-machine.ts';
import type { Clocked } from './lab.ts';
import type { Line, Party, PipeEnd } from './pipe.ts';

/** Bytes a second. */
export interface Access {
  readonly up?: number;
  readonly down?: number;
}

export interface Arrival {
  readonly at: number;
  readonly from: Party;
  readonly to: Party;
  readonly payload: number;
}

/** Who says nothing else of its access has more than any test uses. */
const WIDE = 1e9;
const DETECTION_MS = 5_000;
/** What a timer sleeps at least. */
const LEAST_SLEEP_MS = 1;

/** One party and its access to the network. */
class Seat implements Endpoint {
  readonly party: Party;
  readonly port: Port;
  readonly #ends = new Map<LinkId, { readonly end: PipeEnd; readonly other: Party }>();
  readonly #noted: (arrival: Omit<Arrival, 'at'>) => void;

  constructor(
    party: Party,
    queue: EventQueue,
    access: Access,
    noted: (arrival: Omit<Arrival, 'at'>) => void,
  ) {
    this.party = party;
    this.#noted = noted;
    this.port = new Port(queue, (access.up ?? WIDE) / 1000, (access.down ?? WIDE) / 1000, this);
  }

  linked(link: LinkId, end: PipeEnd, other: Party): void {
    this.#ends.set(link, { end, other });
  }

  arrived(link: LinkId, { bytes }: Parcel): void {
    const one = this.#ends.get(link);
    if (one === undefined || bytes === null) return;
    if (bytes[4] === FRAME_TYPES.piece)
      this.#noted({ from: one.other, to: this.party, payload: bytes.length - PIECE_HEADER_BYTES });
    one.end.received(bytes);
  }

  departed(link: LinkId, bytes: number): void {
    this.#ends.get(link)?.end.left(bytes);
  }

  lost(link: LinkId): void {
    this.#ends.get(link)?.end.closed();
    this.#ends.delete(link);
  }

  reportSmall(): void {
    for (const flow of [...this.port.links.values()]) report(flow);
  }
}

export class TimedLab {
  readonly random: Random;
  readonly machines: LabMachine[] = [];
  readonly clocked: Clocked[] = [];
  /** Every block that arrived, in order. */
  readonly arrivals: Arrival[] = [];
  readonly #queue = new EventQueue();
  readonly #network: Network;
  readonly #seats = new Map<Party, Seat>();
  #wokeAt = -Infinity;

  /** `latency` one way, in ms. */
  constructor(seed: number, latency = 20) {
    this.random = seededRandom(seed);
    this.#network = new Network(this.#queue, latency, DETECTION_MS);
  }

  get now(): number {
    return this.#queue.now;
  }

  machine(options: MachineOptions, access: Access = {}): LabMachine {
    const machine = new LabMachine(options, this.random, () => this.#queue.now);
    this.machines.push(machine);
    this.add(machine, access);
    return machine;
  }

  /** Somebody who is no machine. */
  add(party: Party, access: Access = {}): void {
    const seat = new Seat(party, this.#queue, access, (arrival) =>
      this.arrivals.push({ ...arrival, at: this.#queue.now }),
    );
    this.#seats.set(party, seat);
  }

  /** Joins two parties; the smaller id dials. It takes its time as everything here. */
  join(one: Party, other: Party): void {
    const [dialler, acceptor] = dials(one.id, other.id) ? [one, other] : [other, one];
    const [near, far] = [this.#seatOf(dialler), this.#seatOf(acceptor)];
    this.#network.dial(near.port, far.port, {
      answered: () => undefined,
      failed: () => undefined,
      opened: (here, there) => {
        far.linked(there, acceptor.attach('acceptor', dialler.id, this.#line(far, there)), dialler);
        near.linked(here, dialler.attach('dialler', acceptor.id, this.#line(near, here)), acceptor);
      },
    });
  }

  /** Lets `ms` pass. */
  advance(ms: number): void {
    const end = this.#queue.now + ms;
    for (;;) {
      this.#work();
      const due = Math.max(this.#nextWakeup(), this.#wokeAt + LEAST_SLEEP_MS, this.#queue.now);
      if (Math.min(due, this.#queue.nextAt) > end) break;
      if (this.#queue.nextAt > due) this.#queue.at(due, { happen: () => this.#wake() });
      this.#queue.step();
    }
    this.#queue.at(end, { happen: () => undefined });
    while (this.#queue.now < end) this.#queue.step();
  }

  /** Payload that arrived from `since` on. */
  received(of: { from?: Party; to?: Party }, since = 0): number {
    let bytes = 0;
    for (const { at, from, to, payload } of this.arrivals) {
      if (at < since || (of.from ?? from) !== from || (of.to ?? to) !== to) continue;
      bytes += payload;
    }
    return bytes;
  }

  #seatOf(party: Party): Seat {
    const seat = this.#seats.get(party);
    if (seat === undefined) throw new Error('a party that was not added');
    return seat;
  }

  #line(seat: Seat, link: LinkId): Line {
    return {
      write: (bytes) => this.#network.send(seat.port, link, bytes),
      close: () => this.#network.close(seat.port, link),
    };
  }

  #work(): void {
    for (const machine of this.machines) while (machine.hasJob) machine.work();
  }

  #nextWakeup(): number {
    let first = Infinity;
    for (const { engine } of this.machines) first = Math.min(first, engine.nextWakeup() ?? Infinity);
    for (const one of this.clocked) first = Math.min(first, one.nextWakeup() ?? Infinity);
    return first;
  }

  #wake(): void {
    const { now } = this.#queue;
    this.#wokeAt = now;
    for (const machine of this.machines) {
      const due = machine.engine.nextWakeup();
      if (due === null || due > now) continue;
      this.#seatOf(machine).reportSmall();
      machine.tell({ kind: 'time-passed' });
    }
    for (const one of this.clocked) {
      const due = one.nextWakeup();
      if (due !== null && due <= now) one.wake(now);
    }
  }
}
