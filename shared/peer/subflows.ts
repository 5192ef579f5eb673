/**
 * Further connections beside those that are open ([PN14]): begins them, answers those of others, and adds what opens to
 * its link. What they have to say goes through the tracker, as it does for the first one, under names of their own. Knows
 * no frames, and of when one is wanted nothing.
 */
import type { LinkRole } from '../engine/io.ts';
import { bytesToHex } from '../hex.ts';
import type { PeerId, SwarmId } from '../ids.ts';
import { HeardSignals, SaidSignals } from './attempt-signals.ts';
import { BundledLink } from './bundled-link.ts';
import {
  ACCEPTED_AT_ONCE,
  ACCEPT_GAP_MS,
  ATTEMPT_TIMEOUT_MS,
  MAX_BUSY_FLOWS,
  MAX_SUBFLOWS,
  MAX_SUBFLOWS_TAKEN,
  MAX_SUBFLOWS_OF_A_LINK,
} from './limits.ts';
import { Pace } from './pace.ts';
import type { Attempt, Link, PeerPorts } from './ports.ts';
import { parseSubflowSignals, signalTexts } from './signals.ts';
import type { Signal } from './signals.ts';

const NAME_BYTES = 8;

/** An open connection, by the attempt that it was. */
export interface Opened {
  readonly swarm: SwarmId;
  readonly peer: PeerId;
  readonly name: string;
}

export interface SubflowsHost {
  signal(swarm: SwarmId, to: PeerId, text: string): void;
  /** Whether the peer may have one more connection. */
  hasRoom(): boolean;
}

interface Subflow {
  readonly name: string;
  readonly bundle: Bundle;
  readonly role: LinkRole;
  readonly heard: HeardSignals;
  /** Signals that came while it was being made. */
  readonly early: Signal[];
  attempt: Attempt | null;
  link: Link | null;
  cancelTimeout: () => void;
}

interface Bundle extends Opened {
  readonly link: BundledLink;
  readonly subflows: Map<string, Subflow>;
  /** How many of the other side's there were, those that are over included. */
  taken: number;
}

export class Subflows {
  readonly #ports: Pick<PeerPorts, 'clock' | 'dialler' | 'entropy'>;
  readonly #host: SubflowsHost;
  readonly #bundles = new Map<string, Bundle>();
  readonly #accepting: Pace<Subflow>;

  constructor(ports: Pick<PeerPorts, 'clock' | 'dialler' | 'entropy'>, host: SubflowsHost) {
    this.#ports = ports;
    this.#host = host;
    this.#accepting = new Pace(
      ports.clock,
      ACCEPT_GAP_MS,
      ACCEPTED_AT_ONCE,
      (subflow) => void this.#begin(subflow),
    );
  }

  /** Of all links together, those under way included. */
  get count(): number {
    let count = 0;
    for (const { subflows } of this.#bundles.values()) count += subflows.size;
    return count;
  }

  /** The link that this connection and all further ones are together. */
  bundle({ swarm, peer, name }: Opened, first: Link): Link {
    const bundle: Bundle = {
      ...{ swarm, peer, name },
      subflows: new Map(),
      taken: 0,
      link: new BundledLink(first, {
        clock: this.#ports.clock,
        most: () => this.#most(),
        open: (count) => this.#open(bundle, count),
        release: (further) => this.#release(bundle, further),
        over: () => this.#over(bundle),
      }),
    };
    this.#bundles.set(keyOf(bundle), bundle);
    return bundle.link;
  }

  /** That connection is over, and all beside it. */
  ended(opened: Opened): void {
    const bundle = this.#bundles.get(keyOf(opened));
    if (bundle !== undefined) this.#over(bundle);
  }

  /** A peer's own text, as the tracker carried it. False: it is about something else. */
  signalled(swarm: SwarmId, from: PeerId, text: string): boolean {
    const payload = parseSubflowSignals(text);
    if (payload === null) return false;
    const bundle = this.#bundles.get(keyOf({ swarm, peer: from, name: payload.beside }));
    if (bundle === undefined) return true;
    const known = bundle.subflows.get(payload.subflow);
    if (known !== undefined) {
      this.#pass(known, payload.signals);
    } else if (payload.signals[0]?.type === 'offer') {
      this.#makeWay(bundle, payload.subflow);
      const subflow = this.#subflow(bundle, 'acceptor', payload.subflow);
      if (subflow === null) return true;
      this.#pass(subflow, payload.signals);
      if (this.#isCurrent(subflow)) this.#accepting.enter(subflow, 0);
    }
    return true;
  }

  /**
   * Of what leaves in several streams at once through one uplink more is lost: so they are for those who send to few. An
   * uplink that several receivers share is filled by these.
   */
  #most(): number {
    let busy = 0;
    for (const { link } of this.#bundles.values()) if (link.isSending) busy++;
    return Math.max(0, Math.floor(MAX_BUSY_FLOWS / Math.max(1, busy)) - 1);
  }

  #open(bundle: Bundle, count: number): void {
    for (let nth = 0; nth < count; nth++) {
      const name = bytesToHex(this.#ports.entropy.bytes(NAME_BYTES));
      const subflow = this.#subflow(bundle, 'dialler', name);
      if (subflow !== null) void this.#begin(subflow);
    }
  }

  /** Both sides began some at once: the first ones by name remain, which is so for both. */
  #makeWay({ subflows }: Bundle, name: string): void {
    if (subflows.size < MAX_SUBFLOWS_OF_A_LINK) return;
    const own = [...subflows.values()].filter(({ role, link }) => role === 'dialler' && link === null);
    const last = own.reduce<Subflow | null>((a, b) => (a === null || b.name > a.name ? b : a), null);
    if (last !== null && name < last.name) this.#end(last);
  }

  /** Nothing has gone over it for long, and others may need one. The other side's are its own to close. */
  #release({ subflows }: Bundle, further: Link): void {
    for (const subflow of subflows.values())
      if (subflow.link === further && subflow.role === 'dialler') this.#end(subflow);
  }

  /** Null: there are as many as there may be. */
  #subflow(bundle: Bundle, role: LinkRole, name: string): Subflow | null {
    const isFull = bundle.subflows.size >= MAX_SUBFLOWS_OF_A_LINK || this.count >= MAX_SUBFLOWS;
    if (isFull || !this.#host.hasRoom()) return null;
    if (role === 'acceptor' && ++bundle.taken > MAX_SUBFLOWS_TAKEN) return null;
    const subflow: Subflow = {
      name,
      bundle,
      role,
      heard: new HeardSignals(role === 'dialler' ? 'answer' : 'offer'),
      early: [],
      attempt: null,
      link: null,
      cancelTimeout: this.#ports.clock.after(ATTEMPT_TIMEOUT_MS, () => this.#end(subflow)),
    };
    bundle.subflows.set(name, subflow);
    return subflow;
  }

  async #begin(subflow: Subflow): Promise<void> {
    const { bundle, name, role } = subflow;
    const { swarm, peer } = bundle;
    const said = new SaidSignals();
    const attempt = await this.#ports.dialler.begin(role, {
      signalled: (own) => {
        const names = { beside: bundle.name, subflow: name };
        for (const text of signalTexts(names, said.admit(own))) this.#host.signal(swarm, peer, text);
      },
      opened: (link) => {
        if (!this.#isCurrent(subflow)) return link.close();
        // Blocks that could go straight are not for a relay to carry.
        if (link.path === 'relayed') return this.#end(subflow);
        subflow.cancelTimeout();
        subflow.link = link;
        bundle.link.add(link);
      },
      // What it has is waited for by nobody but the other side, and the others carry on.
      interrupted: () => this.#end(subflow),
      ended: () => this.#ended(subflow),
    });
    if (attempt === null) return this.#ended(subflow);
    if (!this.#isCurrent(subflow)) return attempt.close();
    subflow.attempt = attempt;
    const early = subflow.early.splice(0);
    if (early.length > 0) attempt.signal(early);
  }

  /** [PN7] Who says more than an attempt needs is its end. */
  #pass(subflow: Subflow, signals: readonly Signal[]): void {
    const admitted = subflow.heard.admit(signals);
    if (admitted === null) return this.#end(subflow);
    if (subflow.attempt === null) subflow.early.push(...admitted);
    else if (admitted.length > 0) subflow.attempt.signal(admitted);
  }

  #over(bundle: Bundle): void {
    if (this.#bundles.get(keyOf(bundle)) === bundle) this.#bundles.delete(keyOf(bundle));
    for (const subflow of [...bundle.subflows.values()]) this.#end(subflow);
  }

  #end(subflow: Subflow): void {
    this.#ended(subflow);
    subflow.attempt?.close();
  }

  #ended(subflow: Subflow): void {
    if (!this.#isCurrent(subflow)) return;
    subflow.cancelTimeout();
    this.#accepting.leave(subflow);
    subflow.bundle.subflows.delete(subflow.name);
    if (subflow.link !== null) subflow.bundle.link.remove(subflow.link);
  }

  #isCurrent(subflow: Subflow): boolean {
    return subflow.bundle.subflows.get(subflow.name) === subflow;
  }
}

/** The name alone is the other side's choice. */
function keyOf({ swarm, peer, name }: Opened): string {
  return `${swarm}/${peer}/${name}`;
}
