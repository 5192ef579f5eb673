/**
 * What the kernel still holds of what was written to sockets, from Linux's tables of TCP connections (`/proc/net/tcp`
 * and `tcp6`): Node tells only that the kernel took it. Looks while somebody waits for an answer, for all sockets at
 * once, and no more often than a small part of one core allows. Where there are no such tables nothing is told.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Clock } from '../../shared/peer/ports.ts';
import { bytesOf } from './addresses.ts';
import { FIRST_LOOK_MS, LOOK_COST, LOOK_EVERY_MS, SLOW_LOOK_MS } from './limits.ts';

/** What of a socket stands in the table. */
export interface SocketEnds {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

export interface QueueListener {
  /** Something is in the kernel's queue that has not left, as far as this side knows. */
  readonly isWaiting: boolean;
  /** It moved at the last look. */
  readonly isMoving: boolean;
  looked(unacknowledged: number, roundTripMs: number, everyMs: number): void;
  /** The kernel says nothing of this socket. */
  unknown(): void;
}

/** The text of the tables that are asked for, of IPv4 and of IPv6; null: there are none. */
export type ReadTables = (families: Families) => string | null;

export interface Families {
  readonly v4: boolean;
  readonly v6: boolean;
}

interface Watched {
  readonly key: string;
  readonly listener: QueueListener;
  /** Looks one after another in which it was not found. */
  misses: number;
}

/** The kernel's shortest wait for an acknowledgement, which it adds to the round trip. */
const LEAST_TIMEOUT_MS = 200;
/** A table that changes while it is read may lack a line; so many times it does not. */
const MISSES = 3;
/** Looks of which it is known what they cost, and ms that lie between two of them at most. */
const COSTS = 8;
const MOST_PAUSE_MS = 100;
/** Two addresses of eight digits, two ports, and what stands between them. */
const LONGEST_OF_IPV4 = 30;
/** Its unit of time in these tables. */
const TICK_MS = 10;
/** tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ref pointer rto … */
const QUEUED = /^[0-9A-F]{2} ([0-9A-F]{8}):\S+ \S+ \S+ +\d+ +\d+ \d+ \d+ [0-9a-f]+ (\d+)/;

export class KernelQueues {
  readonly #clock: Clock;
  readonly #read: ReadTables;
  readonly #watched = new Set<Watched>();
  #cancel: (() => void) | null = null;
  #dueAt = Infinity;
  /** ms that the last looks took. Of a busy machine the shortest says what a look costs. */
  readonly #costs: number[] = [];

  constructor(clock: Clock, read: ReadTables = tables()) {
    this.#clock = clock;
    this.#read = read;
  }

  /** The answer ends it. */
  watch(ends: SocketEnds, listener: QueueListener): () => void {
    const key = keyOf(ends);
    if (key === null) {
      listener.unknown();
      return () => undefined;
    }
    const watched = { key, listener, misses: 0 };
    this.#watched.add(watched);
    return () => this.#watched.delete(watched);
  }

  /** Somebody waits: a look comes soon. */
  wake(): void {
    this.#plan(FIRST_LOOK_MS);
  }

  #plan(ms: number): void {
    const at = this.#clock.now() + Math.max(ms, this.#pause);
    if (at >= this.#dueAt) return;
    this.#cancel?.();
    this.#dueAt = at;
    this.#cancel = this.#clock.after(at - this.#clock.now(), () => this.#look());
  }

  /** ms that have to lie between two looks. */
  get #pause(): number {
    return this.#costs.length === 0 ? 0 : Math.min(MOST_PAUSE_MS, LOOK_COST * Math.min(...this.#costs));
  }

  #look(): void {
    this.#dueAt = Infinity;
    this.#cancel = null;
    const waiting = [...this.#watched].filter(({ listener }) => listener.isWaiting);
    if (waiting.length === 0) return;
    const began = this.#clock.now();
    const text = this.#read({
      v4: waiting.some(({ key }) => !isOfIpv6(key)),
      v6: waiting.some(({ key }) => isOfIpv6(key)),
    });
    const every = Math.max(LOOK_EVERY_MS, this.#pause);
    for (const watched of waiting) {
      const found = text === null ? null : queueOf(text, watched.key);
      watched.misses = found === null ? watched.misses + 1 : 0;
      if (found !== null) watched.listener.looked(found.unacknowledged, found.roundTripMs, every);
      else if (text === null || watched.misses >= MISSES) watched.listener.unknown();
    }
    this.#costs.push(this.#clock.now() - began);
    if (this.#costs.length > COSTS) this.#costs.shift();
    const left = waiting.filter(({ listener }) => listener.isWaiting);
    if (left.length > 0)
      this.#plan(left.some(({ listener }) => listener.isMoving) ? LOOK_EVERY_MS : SLOW_LOOK_MS);
  }
}

function queueOf(text: string, key: string): { unacknowledged: number; roundTripMs: number } | null {
  const at = text.indexOf(key);
  const match = at < 0 ? null : QUEUED.exec(text.slice(at + key.length, at + key.length + 200));
  if (match === null) return null;
  const [, queued = '', timeout = ''] = match;
  return {
    unacknowledged: parseInt(queued, 16),
    roundTripMs: Math.max(0, Number(timeout) * TICK_MS - LEAST_TIMEOUT_MS),
  };
}

/** As the two ends stand in a line; null: it is not connected. */
function keyOf({ localAddress, localPort, remoteAddress, remotePort }: SocketEnds): string | null {
  if (localAddress === undefined || remoteAddress === undefined) return null;
  return ` ${endOf(localAddress, localPort)} ${endOf(remoteAddress, remotePort)} `;
}

function isOfIpv6(key: string): boolean {
  return key.length > LONGEST_OF_IPV4;
}

function endOf(address: string, port = 0): string {
  return `${addressInTable(address)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Words of 32 bits, each with its lowest byte first. */
export function addressInTable(address: string): string {
  const bytes = bytesOf(address);
  let text = '';
  for (let word = 0; word < bytes.length; word += 4) {
    for (let at = word + 3; at >= word; at--) text += (bytes[at] ?? 0).toString(16).padStart(2, '0');
  }
  return text.toUpperCase();
}

/** As one text, read at once: what is written meanwhile would count as acknowledged. */
function tables(): ReadTables {
  const buffer = Buffer.alloc(65_536);
  return ({ v4, v6 }) => {
    const paths = [...(v4 ? ['/proc/net/tcp'] : []), ...(v6 ? ['/proc/net/tcp6'] : [])];
    const found = paths.map((path) => readTable(path, buffer));
    return found.every((text) => text === null) ? null : found.join('');
  };
}

function readTable(path: string, buffer: Buffer): string | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null; // not Linux, or kept from us: nothing is known then
  }
  try {
    let text = '';
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) {
      text += buffer.toString('latin1', 0, read);
    }
    return text;
  } catch {
    return null; // as where it is not there
  } finally {
    closeSync(fd);
  }
}
