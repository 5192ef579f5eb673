/**
 * Who is connected, or about to be ([PN5] [PN10]): the machines say whom to dial, the tracker's signals say who dials us,
 * and every attempt that opens becomes a link. Owns at most one attempt and one connection for each swarm and peer, and
 * one more that is being replaced. Knows no frames and no engine, and of a connection only what the dialler port says.
 */
import { bytesToHex } from '../hex.ts';
import type { LinkRole } from '../engine/io.ts';
import type { PeerId, SwarmId } from '../ids.ts';
import { dials } from '../ids.ts';
import { HeardSignals, SaidSignals } from './attempt-signals.ts';
import {
  ACCEPTED_AT_ONCE,
  ACCEPT_GAP_MS,
  ATTEMPT_TIMEOUT_MS,
  MAX_CONNECTIONS,
  MAX_DIALS,
  REPLACED_AT_ONCE,
  REPLACE_GAP_MS,
} from './limits.ts';
import { Offers } from './offers.ts';
import { Pace } from './pace.ts';
import type { Attempt, Link, PeerPorts } from './ports.ts';
import { parseSignals, signalTexts } from './signals.ts';
import type { Signal } from './signals.ts';
import { Subflows } from './subflows.ts';

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
  /** The peer that is dialled said something. */
  answered: boolean;
  open: boolean;
  /** Nothing came through it for seconds. */
  interrupted: boolean;
  readonly cancelTimeout: () => void;
}

export class Mesh {
  #own: PeerId;
  readonly #ports: Pick<PeerPorts, 'clock' | 'dialler' | 'entropy'>;
  readonly #listener: MeshListener;
  /** Not open yet, in the order in which they were begun. */
  readonly #attempts = new Map<string, Contact>();
  /** The connection that counts. */
  readonly #open = new Map<string, Contact>();
  /** An older one beside it, which the machine closes when it has met the peer on the newer one ([EN4]). */
  readonly #replaced = new Map<string, Contact>();
  readonly #offers = new Offers();
  readonly #accepting: Pace<Contact>;
  readonly #replacing: Pace<Contact>;
  readonly #subflows: Subflows;

  constructor(own: PeerId, ports: Pick<PeerPorts, 'clock' | 'dialler' | 'entropy'>, listener: MeshListener) {
    this.#own = own;
    this.#ports = ports;
    this.#listener = listener;
    this.#subflows = new Subflows(ports, {
      signal: (swarm, to, text) => listener.signal(swarm, to, text),
      hasRoom: () => this.#hasRoom,
    });
    this.#accepting = new Pace(
      ports.clock,
      ACCEPT_GAP_MS,
      ACCEPTED_AT_ONCE,
      (contact) => void this.#begin(contact),
    );
    this.#replacing = new Pace(ports.clock, REPLACE_GAP_MS, REPLACED_AT_ONCE, ({ swarm, peer }) =>
      this.#dialBeside(swarm, peer),
    );
  }

  dial(swarm: SwarmId, peer: PeerId): void {
    const key = keyOf(swarm, peer);
    if (this.#attempts.has(key)) return;
    const known = this.#open.get(key);
    if (known !== undefined) this.#end(known);
    this.#dialBeside(swarm, peer);
  }

  #dialBeside(swarm: SwarmId, peer: PeerId): void {
    if (this.#attempts.has(keyOf(swarm, peer))) return;
    const name = bytesToHex(this.#ports.entropy.bytes(ATTEMPT_BYTES));
    const isFull = this.#underWay('dialler').length >= MAX_DIALS;
    const contact = isFull ? null : this.#contact(swarm, peer, 'dialler', name);
    if (contact === null) return this.#listener.dialFailed(swarm, peer);
    void this.#begin(contact);
  }

  /**
   * [PN11] What was signalled until now may be lost: attempts of ours that nobody answered are over, and what was
   * interrupted is dialled anew. All that is open was, after a sleep.
   */
  renew(slept: boolean): void {
    for (const contact of this.#underWay('dialler')) if (!contact.answered) this.#end(contact);
    for (const contact of this.#open.values()) if (slept || contact.interrupted) this.#replace(contact);
  }

  /** A peer's own text, as the tracker carried it. */
  signalled(swarm: SwarmId, from: PeerId, text: string): void {
    if (this.#subflows.signalled(swarm, from, text)) return;
    const payload = parseSignals(text);
    if (payload === null) return;
    const { attempt: name, signals } = payload;
    const key = keyOf(swarm, from);
    const attempt = this.#attempts.get(key);
    const known = [attempt, this.#open.get(key)].find((contact) => contact?.name === name);
    if (known !== undefined) {
      if (known.role === 'dialler' && !known.open) this.#answered(known);
      return this.#pass(known, signals);
    }
    if (signals[0]?.type !== 'offer' || !dials(from, this.#own)) return;
    if (!this.#listener.welcomes(swarm, from)) return;
    const lately = this.#offers.begins(from, this.#ports.clock.now());
    if (lately === null) return;
    // A new attempt of the one who dials: the one before is over at that end. A connection stays until this one opens.
    if (attempt !== undefined) this.#end(attempt);
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
    return [...this.#attempts.values()].filter((contact) => contact.role === role);
  }

  /** The tracker does not know it, or others wait: an attempt under way is over. */
  unreachable(swarm: SwarmId, peer: PeerId): void {
    const known = this.#attempts.get(keyOf(swarm, peer));
    if (known !== undefined) this.#end(known);
  }

  /** [ID4] What is under way was begun under another name: nobody would know whose it is. */
  renamed(own: PeerId): void {
    this.#own = own;
    for (const contact of [...this.#attempts.values()]) this.#end(contact);
  }

  closeAll(): void {
    for (const contacts of [this.#attempts, this.#open, this.#replaced]) {
      for (const contact of [...contacts.values()]) this.#end(contact);
    }
  }

  get #hasRoom(): boolean {
    const first = this.#attempts.size + this.#open.size + this.#replaced.size;
    return first + this.#subflows.count < MAX_CONNECTIONS;
  }

  /** Null: there are as many as there may be. */
  #contact(swarm: SwarmId, peer: PeerId, role: LinkRole, name: string): Contact | null {
    if (!this.#hasRoom) return null;
    const contact: Contact = {
      swarm,
      peer,
      role,
      name,
      begunAt: this.#ports.clock.now(),
      heard: new HeardSignals(role === 'dialler' ? 'answer' : 'offer'),
      attempt: null,
      early: [],
      answered: false,
      open: false,
      interrupted: false,
      cancelTimeout: this.#ports.clock.after(ATTEMPT_TIMEOUT_MS, () => {
        if (!contact.open) this.#end(contact);
      }),
    };
    this.#attempts.set(keyOf(swarm, peer), contact);
    return contact;
  }

  async #begin(contact: Contact): Promise<void> {
    const { swarm, peer, role, name } = contact;
    const said = new SaidSignals();
    const attempt = await this.#ports.dialler.begin(role, {
      signalled: (own) => {
        for (const text of signalTexts({ attempt: name }, said.admit(own)))
          this.#listener.signal(swarm, peer, text);
      },
      opened: (link) => this.#opened(contact, link),
      interrupted: () => this.#interrupted(contact),
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
    const { swarm, peer, role } = contact;
    const key = keyOf(swarm, peer);
    const older = this.#open.get(key);
    contact.open = true;
    contact.cancelTimeout();
    this.#attempts.delete(key);
    this.#open.set(key, contact);
    if (older !== undefined) this.#stepBack(older);
    this.#listener.linkOpened(swarm, peer, role, this.#subflows.bundle(contact, link));
  }

  /** A newer connection to its peer is open. */
  #stepBack(older: Contact): void {
    const key = keyOf(older.swarm, older.peer);
    const eldest = this.#replaced.get(key);
    this.#replacing.leave(older);
    this.#replaced.set(key, older);
    if (eldest !== undefined) this.#end(eldest);
  }

  /**
   * [PN10] Another connection is made beside it, which takes its place, also where the path comes back first: what waits
   * to be sent again waits longer each time, and is not told that it could go.
   */
  #interrupted(contact: Contact): void {
    contact.interrupted = true;
    if (this.#open.get(keyOf(contact.swarm, contact.peer)) === contact) this.#replace(contact);
  }

  /** By the side that dials. */
  #replace(contact: Contact): void {
    if (contact.role === 'dialler') this.#replacing.enter(contact, 0);
  }

  #answered(contact: Contact): void {
    contact.answered = true;
    this.#listener.dialAnswered(contact.swarm, contact.peer);
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
    this.#subflows.ended(contact);
    this.#accepting.leave(contact);
    this.#replacing.leave(contact);
    for (const contacts of [this.#attempts, this.#open, this.#replaced]) {
      if (contacts.get(keyOf(swarm, peer)) === contact) contacts.delete(keyOf(swarm, peer));
    }
    if (!open && role === 'dialler') this.#listener.dialFailed(swarm, peer);
  }

  #isCurrent(contact: Contact): boolean {
    const key = keyOf(contact.swarm, contact.peer);
    return [this.#attempts, this.#open, this.#replaced].some((contacts) => contacts.get(key) === contact);
  }
}

function keyOf(swarm: SwarmId, peer: PeerId): string {
  return `${swarm}/${peer}`;
}
