/**
 * Who is connected, or about to be ([PN5]): the machines say whom to dial, the tracker's signals say who dials us, and
 * every attempt that opens becomes a link. Owns at most one connection for each swarm and peer. Knows no frames and no
 * engine, and of a connection only what the dialler port says.
 */
import { bytesToHex } from '../hex.ts';
import type { LinkRole } from '../engine/io.ts';
import type { PeerId, SwarmId } from '../ids.ts';
import { dials } from '../ids.ts';
import { HeardSignals, SaidSignals } from './attempt-signals.ts';
import { ACCEPTED_AT_ONCE, ACCEPT_GAP_MS, ATTEMPT_TIMEOUT_MS, MAX_CONNECTIONS, MAX_DIALS } from './limits.ts';
import { Offers } from './offers.ts';
import { Pace } from './pace.ts';
import type { Attempt, Link, PeerPorts } from './ports.ts';
import { parseSignals, signalTexts } from './signals.ts';
import type { Signal } from './signals.ts';

const ATTEMPT_BYTES = 8;

export interface MeshListener {
  linkOpened(swarm: SwarmId, peer: PeerId, role: LinkRole, link: Link): void;
  /** The peer that is dialled said something. */
  dialAnswered(swarm: SwarmId, peer: PeerId): void;
  dialFailed(swarm: SwarmId, peer: PeerId): void;
  signal(swarm: SwarmId, to: PeerId, payload: string): void;
  /** Whether an attempt of that peer may come to something. */
  welcomes(swarm: SwarmId, peer: PeerId): boolean;
}

interface Contact {
  readonly swarm: SwarmId;
  readonly peer: PeerId;
  readonly role: LinkRole;
  /** Names the attempt, so that what was meant for an earlier one is not mixed in. */
  readonly name: string;
  attempt: Attempt | null;
  readonly begunAt: number;
  /** What the other side said, as far as it may ([PN7]). */
  readonly heard: HeardSignals;
  /** Signals that came while the attempt was being made. */
  readonly early: Signal[];
  open: boolean;
  readonly cancelTimeout: () => void;
}

export class Mesh {
  #own: PeerId;
  readonly #ports: Pick<PeerPorts, 'clock' | 'dialler' | 'entropy'>;
  readonly #listener: MeshListener;
  /** In the order in which they were begun. */
  readonly #contacts = new Map<string, Contact>();
  readonly #offers = new Offers();
  readonly #accepting: Pace<Contact>;

  constructor(own: PeerId, ports: Pick<PeerPorts, 'clock' | 'dialler' | 'entropy'>, listener: MeshListener) {
    this.#own = own;
    this.#ports = ports;
    this.#listener = listener;
    this.#accepting = new Pace(
      ports.clock,
      ACCEPT_GAP_MS,
      ACCEPTED_AT_ONCE,
      (contact) => void this.#begin(contact),
    );
  }

  dial(swarm: SwarmId, peer: PeerId): void {
    const known = this.#contacts.get(keyOf(swarm, peer));
    if (known !== undefined && !known.open) return;
    if (known !== undefined) this.#end(known);
    if (this.#underWay('dialler').length >= MAX_DIALS) return this.#listener.dialFailed(swarm, peer);
    const contact = this.#contact(
      swarm,
      peer,
      'dialler',
      bytesToHex(this.#ports.entropy.bytes(ATTEMPT_BYTES)),
    );
    if (contact === null) return this.#listener.dialFailed(swarm, peer);
    void this.#begin(contact);
  }

  /** A peer's own text, as the tracker carried it. */
  signalled(swarm: SwarmId, from: PeerId, text: string): void {
    const payload = parseSignals(text);
    if (payload === null) return;
    const { attempt: name, signals } = payload;
    const known = this.#contacts.get(keyOf(swarm, from));
    if (known?.name === name) {
      if (known.role === 'dialler' && !known.open) this.#listener.dialAnswered(swarm, from);
      return this.#pass(known, signals);
    }
    if (signals[0]?.type !== 'offer' || !dials(from, this.#own)) return;
    if (!this.#listener.welcomes(swarm, from)) return;
    const lately = this.#offers.begins(from, this.#ports.clock.now());
    if (lately === null) return;
    // A new attempt of the one who dials: whatever there was is gone at that end.
    if (known !== undefined) this.#end(known);
    if (!this.#makeRoom(swarm)) return;
    const contact = this.#contact(swarm, from, 'acceptor', name);
    if (contact === null) return;
    this.#pass(contact, signals);
    if (this.#isCurrent(contact)) this.#accepting.enter(contact, lately);
  }

  /** [PN7] False: too many of others' attempts are under way, and all of them are young. */
  #makeRoom(swarm: SwarmId): boolean {
    const leaving = this.#offers.makesWay(swarm, this.#underWay('acceptor'), this.#ports.clock.now());
    if (leaving === undefined) return false;
    if (leaving !== null) this.#end(leaving);
    return true;
  }

  #underWay(role: LinkRole): Contact[] {
    return [...this.#contacts.values()].filter((contact) => !contact.open && contact.role === role);
  }

  /** The tracker does not know it, or others wait: an attempt under way is over. */
  unreachable(swarm: SwarmId, peer: PeerId): void {
    const known = this.#contacts.get(keyOf(swarm, peer));
    if (known !== undefined && !known.open) this.#end(known);
  }

  /** [ID4] What is under way was begun under another name: nobody would know whose it is. */
  renamed(own: PeerId): void {
    this.#own = own;
    for (const contact of [...this.#contacts.values()]) if (!contact.open) this.#end(contact);
  }

  closeAll(): void {
    for (const contact of [...this.#contacts.values()]) this.#end(contact);
  }

  /** Null: there are as many as there may be. */
  #contact(swarm: SwarmId, peer: PeerId, role: LinkRole, name: string): Contact | null {
    if (this.#contacts.size >= MAX_CONNECTIONS) return null;
    const contact: Contact = {
      swarm,
      peer,
      role,
      name,
      begunAt: this.#ports.clock.now(),
      heard: new HeardSignals(role === 'dialler' ? 'answer' : 'offer'),
      attempt: null,
      early: [],
      open: false,
      cancelTimeout: this.#ports.clock.after(ATTEMPT_TIMEOUT_MS, () => {
        if (!contact.open) this.#end(contact);
      }),
    };
    this.#contacts.set(keyOf(swarm, peer), contact);
    return contact;
  }

  async #begin(contact: Contact): Promise<void> {
    const { swarm, peer, role, name } = contact;
    const said = new SaidSignals();
    const attempt = await this.#ports.dialler.begin(role, {
      signalled: (own) => {
        for (const text of signalTexts(name, said.admit(own))) this.#listener.signal(swarm, peer, text);
      },
      opened: (link) => this.#opened(contact, link),
      ended: () => this.#ended(contact),
    });
    if (attempt === null) return this.#ended(contact);
    if (!this.#isCurrent(contact)) return attempt.close();
    contact.attempt = attempt;
    const early = contact.early.splice(0);
    if (early.length > 0) attempt.signal(early);
  }

  #opened(contact: Contact, link: Link): void {
    if (!this.#isCurrent(contact)) return link.close();
    contact.open = true;
    contact.cancelTimeout();
    this.#listener.linkOpened(contact.swarm, contact.peer, contact.role, link);
  }

  /** [PN7] Who says more than an attempt needs is its end. */
  #pass(contact: Contact, signals: readonly Signal[]): void {
    const admitted = contact.heard.admit(signals);
    if (admitted === null) return this.#end(contact);
    const { attempt, early } = contact;
    if (attempt === null) early.push(...admitted);
    else if (admitted.length > 0) attempt.signal(admitted);
  }

  #end(contact: Contact): void {
    this.#ended(contact);
    contact.attempt?.close();
  }

  #ended(contact: Contact): void {
    if (!this.#isCurrent(contact)) return;
    const { swarm, peer, role, open } = contact;
    contact.cancelTimeout();
    this.#accepting.leave(contact);
    this.#contacts.delete(keyOf(swarm, peer));
    if (!open && role === 'dialler') this.#listener.dialFailed(swarm, peer);
  }

  #isCurrent(contact: Contact): boolean {
    return this.#contacts.get(keyOf(contact.swarm, contact.peer)) === contact;
  }
}

function keyOf(swarm: SwarmId, peer: PeerId): string {
  return `${swarm}/${peer}`;
}
