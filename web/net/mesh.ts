/**
 * The page's connections ([PN1], [PN5]): the worker says whom to dial, the tracker's signals say who dials us, and
 * every connection that opens becomes a port into the worker. Owns at most one connection per swarm and peer. Knows
 * no frames and no engine: whom to know is decided in the worker.
 */
import type { LinkRole } from '../../shared/engine/io.ts';
import type { PeerId, SwarmId } from '../../shared/ids.ts';
import { dials } from '../../shared/ids.ts';
import type { LinkPath, OpenedLink } from '../worker/contract.ts';
import { parseSignals, signalText } from './signals.ts';
import type { Signal, SignalPayload } from './signals.ts';

/** Connections of the whole tab, those under way included: browsers refuse the 501st. */
const MAX_CONNECTIONS = 200;

export interface MeshWorker {
  linkOpened(link: OpenedLink, port: MessagePort): void;
  dialFailed(swarm: SwarmId, peer: PeerId): void;
  sendSignal(swarm: SwarmId, to: PeerId, payload: string): void;
}

interface LinkLike {
  signal(signal: Signal): void;
  close(): void;
}

export interface LinkListener {
  /** What this side has to say to the other, to be carried there in order. */
  signals(signals: readonly unknown[]): void;
  opened(port: MessagePort, path: LinkPath): void;
  ended(): void;
}

/** Makes the connection itself; null where the browser gives no more. */
export type MakeLink = (role: LinkRole, listener: LinkListener) => Promise<LinkLike | null>;

interface Connection {
  readonly attempt: string;
  readonly role: LinkRole;
  link: LinkLike | null;
  /** Signals that came while the link was being made. */
  readonly early: Signal[];
  open: boolean;
}

export class Mesh {
  readonly #worker: MeshWorker;
  readonly #makeLink: MakeLink;
  readonly #connections = new Map<string, Connection>();

  constructor(worker: MeshWorker, makeLink: MakeLink) {
    this.#worker = worker;
    this.#makeLink = makeLink;
  }

  dial(swarm: SwarmId, peer: PeerId): void {
    const known = this.#connections.get(keyOf(swarm, peer));
    if (known !== undefined && !known.open) return;
    this.#end(swarm, peer);
    void this.#connect(swarm, peer, 'dialler', newAttempt(), []);
  }

  signalReceived(own: PeerId, swarm: SwarmId, from: PeerId, text: string): void {
    const payload = parseSignals(text);
    if (payload === null) return;
    const known = this.#connections.get(keyOf(swarm, from));
    if (known?.attempt === payload.attempt) return this.#pass(known, payload.signals);
    if (!beginsWithOffer(payload) || dials(own, from)) return;
    // A new attempt of the one who dials: whatever there was is gone at that end.
    this.#end(swarm, from);
    void this.#connect(swarm, from, 'acceptor', payload.attempt, payload.signals);
  }

  /** The tracker does not know it: an attempt under way is over. */
  peerUnreachable(swarm: SwarmId, peer: PeerId): void {
    const known = this.#connections.get(keyOf(swarm, peer));
    if (known !== undefined && !known.open) this.#end(swarm, peer);
  }

  closeAll(): void {
    for (const { link } of [...this.#connections.values()]) link?.close();
  }

  async #connect(
    swarm: SwarmId,
    peer: PeerId,
    role: LinkRole,
    attempt: string,
    signals: readonly Signal[],
  ): Promise<void> {
    const key = keyOf(swarm, peer);
    if (this.#connections.size >= MAX_CONNECTIONS) return this.#worker.dialFailed(swarm, peer);
    const connection: Connection = { attempt, role, link: null, early: [...signals], open: false };
    this.#connections.set(key, connection);
    const link = await this.#makeLink(role, {
      signals: (own) => this.#worker.sendSignal(swarm, peer, signalText(attempt, own)),
      opened: (port, path) => {
        connection.open = true;
        this.#worker.linkOpened({ swarm, peer, role, path }, port);
      },
      ended: () => this.#ended(swarm, peer, connection),
    });
    if (link === null) return this.#ended(swarm, peer, connection);
    if (this.#connections.get(key) !== connection) return link.close();
    connection.link = link;
    this.#pass(connection, connection.early.splice(0));
  }

  #pass(connection: Connection, signals: readonly Signal[]): void {
    for (const signal of signals) {
      if (connection.link === null) connection.early.push(signal);
      else connection.link.signal(signal);
    }
  }

  #end(swarm: SwarmId, peer: PeerId): void {
    const key = keyOf(swarm, peer);
    const connection = this.#connections.get(key);
    if (connection === undefined) return;
    if (connection.link === null) this.#ended(swarm, peer, connection);
    else connection.link.close();
  }

  #ended(swarm: SwarmId, peer: PeerId, connection: Connection): void {
    const key = keyOf(swarm, peer);
    if (this.#connections.get(key) === connection) this.#connections.delete(key);
    if (!connection.open && connection.role === 'dialler') this.#worker.dialFailed(swarm, peer);
  }
}

function keyOf(swarm: SwarmId, peer: PeerId): string {
  return `${swarm}/${peer}`;
}

function newAttempt(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

function beginsWithOffer({ signals }: SignalPayload): boolean {
  return signals[0]?.type === 'offer';
}
