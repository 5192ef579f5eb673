/**
 * Connections without a network: an offer names the attempt that it belongs to, an answer the one that it met, and the
 * two become the ends of a pipe. Everything takes the time that a test gives it.
 */
import type { LinkRole } from '../../engine/io.ts';
import type { Attempt, AttemptListener, Clock, Dialler, Link, LinkListener, LinkPath } from '../ports.ts';
import type { Signal } from '../signals.ts';

/** One end of a pipe. */
export class PipeLink implements Link {
  readonly path: LinkPath;
  other: PipeLink | null = null;
  readonly #clock: Clock;
  readonly #latency: number;
  readonly #ended: () => void;
  readonly #tells: boolean;
  /** Nothing comes through it any more. */
  stuck = false;
  #listener: LinkListener | null = null;
  #early: ((listener: LinkListener) => void)[] = [];
  #open = true;

  /** `tells`: how long a packet takes is known. */
  constructor(clock: Clock, latency: number, path: LinkPath, ended: () => void, tells = false) {
    this.#tells = tells;
    this.#clock = clock;
    this.#latency = latency;
    this.path = path;
    this.#ended = ended;
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
    for (const tell of this.#early.splice(0)) tell(listener);
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#open) return;
    // Sent bytes are gone: whoever still looks at them finds none.
    const moved = structuredClone(bytes, { transfer: [bytes.buffer] });
    if (this.stuck) return;
    this.#clock.after(this.#latency, () => {
      if (this.#open) this.#tell((listener) => listener.sent(moved.length));
      this.other?.arrived(moved);
    });
  }

  async roundTripMs(): Promise<number | null> {
    return this.#tells ? 2 * this.#latency : null;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ended();
    if (!this.stuck) this.#clock.after(this.#latency, () => this.other?.cut());
  }

  arrived(bytes: Uint8Array): void {
    if (this.#open) this.#tell((listener) => listener.received(bytes));
  }

  cut(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#tell((listener) => listener.closed('closed'));
    this.#ended();
  }

  #tell(tell: (listener: LinkListener) => void): void {
    if (this.#listener === null) this.#early.push(tell);
    else tell(this.#listener);
  }
}

class MemoryAttempt implements Attempt {
  readonly network: MemoryNetwork;
  readonly listener: AttemptListener;
  readonly name: string;
  link: PipeLink | null = null;
  over = false;

  constructor(network: MemoryNetwork, name: string, listener: AttemptListener) {
    this.network = network;
    this.name = name;
    this.listener = listener;
  }

  signal(signals: readonly Signal[]): void {
    for (const signal of signals) if (!this.over) this.network.met(this, signal);
  }

  close(): void {
    if (this.link === null) this.end();
    else this.link.close();
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    this.listener.ended();
  }
}

export class MemoryNetwork {
  /** New connections: how they travel, or that they cannot be made. */
  way: LinkPath | 'blocked' | 'refused' = 'direct';
  /** Pairs of ends that were opened, in order. */
  readonly pipes: (readonly [PipeLink, PipeLink])[] = [];
  /** Connections that are made from now on know how long a packet takes. */
  tells = false;
  /** Attempts that were begun by those who dial. */
  dials = 0;
  readonly #clock: Clock;
  readonly #latency: number;
  readonly #attempts = new Map<string, MemoryAttempt>();
  readonly #joined: MemoryAttempt[] = [];
  #names = 0;

  /** `latency` in ms, one way. */
  constructor(clock: Clock, latency = 5) {
    this.#clock = clock;
    this.#latency = latency;
  }

  readonly dialler: Dialler = {
    begin: async (role: LinkRole, listener: AttemptListener) => {
      if (role === 'dialler') this.dials += 1;
      if (this.way === 'refused') return null;
      const attempt = new MemoryAttempt(this, String(++this.#names), listener);
      this.#attempts.set(attempt.name, attempt);
      if (role === 'dialler') this.#later(() => this.#say(attempt, 'offer', attempt.name));
      return attempt;
    },
  };

  /** Nothing comes through what is open now, for good; with `told` both sides notice. */
  interrupt(told = true): void {
    for (const { link, listener, over } of this.#joined.splice(0)) {
      if (link !== null) link.stuck = true;
      if (told && !over) listener.interrupted();
    }
  }

  met(attempt: MemoryAttempt, signal: Signal): void {
    if (signal.type === 'offer') {
      this.#say(attempt, 'answer', attempt.name);
    } else if (signal.type === 'answer' && this.way !== 'blocked') {
      const acceptor = this.#attempts.get(signal.sdp);
      if (acceptor !== undefined && !acceptor.over) this.#later(() => this.#join(attempt, acceptor));
    }
  }

  #say(attempt: MemoryAttempt, type: 'offer' | 'answer', sdp: string): void {
    if (!attempt.over) attempt.listener.signalled([{ type, sdp }]);
  }

  #join(dialler: MemoryAttempt, acceptor: MemoryAttempt): void {
    if (dialler.over || acceptor.over) return;
    const path = this.way === 'relayed' ? 'relayed' : 'direct';
    const ends = [dialler, acceptor].map(
      (attempt) => new PipeLink(this.#clock, this.#latency, path, () => attempt.end(), this.tells),
    ) as [PipeLink, PipeLink];
    [ends[0].other, ends[1].other] = [ends[1], ends[0]];
    [dialler.link, acceptor.link] = ends;
    this.#joined.push(dialler, acceptor);
    this.pipes.push(ends);
    dialler.listener.opened(ends[0]);
    acceptor.listener.opened(ends[1]);
  }

  #later(run: () => void): void {
    this.#clock.after(this.#latency, run);
  }
}
