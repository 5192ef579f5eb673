/** Stand-ins for the parts around the one under test: they answer when the test says so, and remember what was asked. */
import type { PeerId, SwarmId } from '../../shared/ids.ts';
import { parseServerMessage } from '../../shared/tracker/messages.ts';
import type { ServerMessage, SwarmCounts } from '../../shared/tracker/messages.ts';
import type { Bus, BusListener, BusMessage } from '../bus.ts';
import type { ClientSocket, Member } from '../client-socket.ts';
import type { Log } from '../log.ts';
import type { Counter } from '../directory.ts';
import { NOBODY } from '../swarms.ts';
import type { Arrival, Departure, InstanceId, Registry, Welcome } from '../swarms.ts';

/** A promise that the test settles. */
export class Told<T> {
  readonly promise: Promise<T>;
  tell!: (value: T) => void;

  constructor() {
    this.promise = new Promise((resolve) => (this.tell = resolve));
  }
}

/** A socket whose other end is the test. */
export class FakeSocket implements ClientSocket {
  readonly addressKey: string;
  readonly members = new Set<Member>();
  closed = false;
  flushes = 0;
  cuts = 0;
  /** Pings that wait for an answer. */
  readonly pings: Told<boolean>[] = [];
  #sent: ServerMessage[] = [];

  constructor(addressKey = 'address') {
    this.addressKey = addressKey;
  }

  send(text: string): void {
    const message = parseServerMessage(text);
    if (message === null) throw new Error(`no message: ${text}`);
    this.#sent.push(message);
  }

  /** What was sent since the last look. */
  heard(): ServerMessage[] {
    return this.#sent.splice(0);
  }

  flush(): void {
    this.flushes += 1;
  }

  answersPing(): Promise<boolean> {
    const ping = new Told<boolean>();
    this.pings.push(ping);
    return ping.promise;
  }

  cut(): void {
    this.cuts += 1;
    this.closed = true;
  }
}

/** The other instances, which hear everything and say what the test has them say. */
export class FakeBus implements Bus {
  /** Whether a message reaches the instance that it is for. */
  reaches = true;
  #said: { to: InstanceId; message: BusMessage }[] = [];
  #listener: BusListener = () => undefined;

  send(to: InstanceId, message: BusMessage): boolean {
    this.#said.push({ to, message });
    return this.reaches;
  }

  listen(listener: BusListener): void {
    this.#listener = listener;
  }

  hear(from: InstanceId, message: BusMessage): void {
    this.#listener(from, message);
  }

  /** What was said since the last look. */
  said(): { to: InstanceId; message: BusMessage }[] {
    return this.#said.splice(0);
  }
}

/** A registry far away: every question waits until the test answers it, in whatever order. */
export class FarRegistry implements Registry {
  readonly instance = 'here';
  readonly announces: (Told<Welcome> & { arrival: Arrival })[] = [];
  readonly leaves: (Told<SwarmCounts> & { member: { swarm: SwarmId; peerId: PeerId } })[] = [];
  readonly locates: Told<InstanceId | null>[] = [];
  readonly scrapes: Told<readonly SwarmCounts[]>[] = [];
  expired: readonly Departure[] = [];

  announce(arrival: Arrival): Promise<Welcome> {
    return asked(this.announces, { arrival });
  }

  leave(swarm: SwarmId, peerId: PeerId): Promise<SwarmCounts> {
    return asked(this.leaves, { member: { swarm, peerId } });
  }

  locate(): Promise<InstanceId | null> {
    return asked(this.locates, {});
  }

  glance(): SwarmCounts {
    return NOBODY;
  }

  scrape(): Promise<readonly SwarmCounts[]> {
    return asked(this.scrapes, {});
  }

  expire(): readonly Departure[] {
    const { expired } = this;
    this.expired = [];
    return expired;
  }

  totals(): { swarms: number; members: number } {
    return { swarms: 0, members: 0 };
  }
}

function asked<T, What extends object>(questions: (Told<T> & What)[], what: What): Promise<T> {
  const question = Object.assign(new Told<T>(), what);
  questions.push(question);
  return question.promise;
}

/** Everything that was logged, by level and text. */
export class HeardLog implements Log {
  readonly lines: { level: string; text: string; fields: object }[] = [];
  readonly debug = this.#at('debug');
  readonly info = this.#at('info');
  readonly warn = this.#at('warn');
  readonly error = this.#at('error');

  #at(level: string): (fields: object, text: string) => void {
    return (fields, text) => void this.lines.push({ level, text, fields });
  }
}

/** Whatever waits for promises that have settled has gone on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Counts for a search of the directory: nobody anywhere, unless told otherwise. */
export function counterOf(counts: (swarm: SwarmId) => SwarmCounts = () => NOBODY): Counter {
  return { glance: counts, scrape: (swarms) => swarms.map(counts) };
}
