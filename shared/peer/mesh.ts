/**
 * Who is connected, or about to be ([PN5]): the machines say whom to dial, the tracker's signals say who dials us, and
 * every attempt that opens becomes a link. Owns at most one connection for each swarm and peer. Knows no frames and no
 * engine, and of a connection only what the dialler port says.
 */
import { bytesToHex } from '../hex.ts';
import type { LinkRole } from '../engine/io.ts';
import type { PeerId, SwarmId } from '../ids.ts';
import { dials } from '../ids.ts';
import { ATTEMPT_TIMEOUT_MS, MAX_CONNECTIONS } from './limits.ts';
import type { Attempt, Link, PeerPorts } from './ports.ts';
import { parseSignals, signalTexts } from './signals.ts';
import type { Signal } from './signals.ts';

const ATTEMPT_BYTES = 8;

export interface MeshListener {
  linkOpened(swarm: SwarmId, peer: PeerId, role: LinkRole, link: Link): void;
  dialFailed(swarm: SwarmId, peer: PeerId): void;
  signal(swarm: SwarmId, to: PeerId, payload: string): void;
}

interface Connection {
  readonly swarm: SwarmId;
  readonly peer: PeerId;
  readonly role: LinkRole;
  /** Names the attempt, so that what was meant for an earlier one is not mixed in. */
  readonly name: string;
  attempt: Attempt | null;
  /** Signals that came while the attempt was being made. */
  readonly early: Signal[];
  open: boolean;
  readonly cancelTimeout: () => void;
}

export class Mesh {
  readonly #own: PeerId;
  readonly #ports: Pick<PeerPorts, 'clock' | 'dialler' | 'entropy'>;
  readonly #listener: MeshListener;
  readonly #connections = new Map<string, Connection>();

  constructor(own: PeerId, ports: Pick<PeerPorts, 'clock' | 'dialler' | 'entropy'>, listener: MeshListener) {
    this.#own = own;
    this.#ports = ports;
    this.#listener = listener;
  }

  dial(swarm: SwarmId, peer: PeerId): void {
    const known = this.#connections.get(keyOf(swarm, peer));
    if (known !== undefined && !known.open) return;
    if (known !== undefined) this.#end(known);
    this.#connect(swarm, peer, 'dialler', bytesToHex(this.#ports.entropy.bytes(ATTEMPT_BYTES)), []);
  }

  /** A peer's own text, as the tracker carried it. */
  signalled(swarm: SwarmId, from: PeerId, text: string): void {
    const payload = parseSignals(text);
    if (payload === null) return;
    const { attempt: name, signals } = payload;
    const known = this.#connections.get(keyOf(swarm, from));
    if (known?.name === name) return this.#pass(known, signals);
    if (signals[0]?.type !== 'offer' || dials(this.#own, from)) return;
    // A new attempt of the one who dials: whatever there was is gone at that end.
    if (known !== undefined) this.#end(known);
    this.#connect(swarm, from, 'acceptor', name, signals);
  }

  /** The tracker does not know it: an attempt under way is over. */
  unreachable(swarm: SwarmId, peer: PeerId): void {
    const known = this.#connections.get(keyOf(swarm, peer));
    if (known !== undefined && !known.open) this.#end(known);
  }

  closeAll(): void {
    for (const connection of [...this.#connections.values()]) this.#end(connection);
  }

  #connect(swarm: SwarmId, peer: PeerId, role: LinkRole, name: string, signals: readonly Signal[]): void {
    if (this.#connections.size >= MAX_CONNECTIONS) {
      if (role === 'dialler') this.#listener.dialFailed(swarm, peer);
      return;
    }
    const connection: Connection = {
      swarm,
      peer,
      role,
      name,
      attempt: null,
      early: [...signals],
      open: false,
      cancelTimeout: this.#ports.clock.after(ATTEMPT_TIMEOUT_MS, () => {
        if (!connection.open) this.#end(connection);
      }),
    };
    this.#connections.set(keyOf(swarm, peer), connection);
    void this.#begin(connection);
  }

  async #begin(connection: Connection): Promise<void> {
    const { swarm, peer, role, name } = connection;
    const attempt = await this.#ports.dialler.begin(role, {
      signalled: (own) => {
        for (const text of signalTexts(name, own)) this.#listener.signal(swarm, peer, text);
      },
      opened: (link) => this.#opened(connection, link),
      ended: () => this.#ended(connection),
    });
    if (attempt === null) return this.#ended(connection);
    if (!this.#isCurrent(connection)) return attempt.close();
    connection.attempt = attempt;
    this.#pass(connection, connection.early.splice(0));
  }

  #opened(connection: Connection, link: Link): void {
    if (!this.#isCurrent(connection)) return link.close();
    connection.open = true;
    connection.cancelTimeout();
    this.#listener.linkOpened(connection.swarm, connection.peer, connection.role, link);
  }

  #pass({ attempt, early }: Connection, signals: readonly Signal[]): void {
    if (signals.length === 0) return;
    if (attempt === null) early.push(...signals);
    else attempt.signal(signals);
  }

  #end(connection: Connection): void {
    this.#ended(connection);
    connection.attempt?.close();
  }

  #ended(connection: Connection): void {
    if (!this.#isCurrent(connection)) return;
    const { swarm, peer, role, open } = connection;
    connection.cancelTimeout();
    this.#connections.delete(keyOf(swarm, peer));
    if (!open && role === 'dialler') this.#listener.dialFailed(swarm, peer);
  }

  #isCurrent(connection: Connection): boolean {
    return this.#connections.get(keyOf(connection.swarm, connection.peer)) === connection;
  }
}

function keyOf(swarm: SwarmId, peer: PeerId): string {
  return `${swarm}/${peer}`;
}
