/**
 * TorrentInno over TCP ([HL52]–[HL60]): one port for all shares, a tracker of its own, and links to unmodified clients
 * and to peers of ours. Puts the parts together: who connects is led to the swarm of the info-hash that it names, who is
 * named by the tracker is dialled. Knows no frames behind the handshake and no shares but by their info-hashes.
 */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { assert } from '../../shared/assert.ts';
import type { LinkRole } from '../../shared/engine/io.ts';
import type { InfoHash, PeerId } from '../../shared/ids.ts';
import type { Clock, Entropy, OtherSwarm, OtherSwarmListener, OtherSwarms } from '../../shared/peer/ports.ts';
import { isOwnAddress, pathTo, plainAddress } from './addresses.ts';
import { Announcing } from './announcing.ts';
import type { TrackerTrouble } from './announcing.ts';
import { awaitGreeting, greet } from './greeting.ts';
import type { Greeting } from './greeting.ts';
import { KernelQueues } from './kernel-queues.ts';
import { CONNECT_TIMEOUT_MS, KEEP_ALIVE_MS, MAX_DIALS_UNDER_WAY } from './limits.ts';
import { announcedAddress } from './public-address.ts';
import { reset, Sockets } from './sockets.ts';
import { Swarm } from './swarm.ts';
import type { DialFailure } from './swarm.ts';
import { TcpLink } from './tcp-link.ts';
import { announceTo } from './tracker.ts';
import type { NamedPeer } from './tracker.ts';

export interface TorrentInnoOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** Null: nobody is looked for, and who knows our address may come. */
  readonly tracker: URL | null;
  /** Null: the address by which this machine reaches the tracker. */
  readonly publicIp: string | null;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly told: TorrentInnoListener;
}

export interface TorrentInnoListener {
  /** How it stands with the tracker, when that changes. Null: it is there, and takes us. */
  tracker(trouble: TrackerTrouble): void;
}

export type OpenedTorrentInno =
  | { kind: 'open'; swarms: TorrentInno }
  /** `sentence`: what happened, and what to do. */
  | { kind: 'refused'; sentence: string };

const SOCKET = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };

/** Listens on all addresses. */
export async function openTorrentInno(options: TorrentInnoOptions): Promise<OpenedTorrentInno> {
  const server = createServer(SOCKET);
  const refused = await listening(server, options.port);
  if (refused !== null) return { kind: 'refused', sentence: refused };
  const host = options.publicIp ?? (await announcedAddress(options.tracker));
  return { kind: 'open', swarms: new TorrentInno(options, server, host) };
}

/** Null: it does. Otherwise why not. */
function listening(server: Server, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    server.once('listening', () => resolve(null));
    server.once('error', (error: NodeJS.ErrnoException) => resolve(sentenceOf(error, port)));
    server.listen(port);
  });
}

function sentenceOf({ code, message }: NodeJS.ErrnoException, port: number): string {
  const other =
    'Choose another one with --torrentinno PORT, or leave the number out to take any that is free.';
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program. ${other}`;
  if (code === 'EACCES') return `Port ${port} may not be used without more rights. ${other}`;
  return `Port ${port} cannot be listened on: ${message}. ${other}`;
}

export class TorrentInno implements OtherSwarms {
  readonly port: number;
  readonly #options: TorrentInnoOptions;
  readonly #server: Server;
  readonly #sockets: Sockets;
  readonly #queues: KernelQueues;
  readonly #announcing: Announcing;
  readonly #swarms = new Map<InfoHash, Swarm>();
  readonly #leaving = new Map<Swarm, () => void>();
  #host: string;
  #own: PeerId | null = null;
  #dials = 0;
  #closed = false;
  readonly #atExit = (): void => this.close();

  constructor(options: TorrentInnoOptions, server: Server, host: string) {
    const address = server.address();
    assert(address !== null && typeof address === 'object', 'it listens');
    this.port = address.port;
    this.#options = options;
    this.#server = server;
    this.#host = host;
    this.#sockets = new Sockets(options.clock);
    this.#queues = new KernelQueues(options.clock);
    this.#announcing = new Announcing(options.clock, (trouble) => options.told.tracker(trouble));
    server.on('connection', (socket) => this.#came(socket));
    // Too many files are open, say: who could not be let in comes again.
    server.on('error', () => undefined);
    // [HL60] Whatever ends this process, nobody is left with an orderly end.
    process.on('exit', this.#atExit);
  }

  /** Under which address and port this peer is announced. */
  get announced(): { host: string; port: number } {
    return { host: this.#host, port: this.port };
  }

  become(own: PeerId): void {
    this.#own = own;
    for (const swarm of this.#swarms.values()) swarm.become(own);
    this.#announcing.hurry();
  }

  join(infoHash: InfoHash, listener: OtherSwarmListener): OtherSwarm {
    const { clock, entropy, tracker } = this.#options;
    assert(this.#own !== null, 'who we are is said before anything is joined');
    const swarm = new Swarm(infoHash, this.#own, listener, {
      clock,
      entropy,
      dial: (...dial) => this.#dial(...dial),
      announceAnew: () => this.#announcing.hurry(),
      left: (gone) => this.#left(gone),
    });
    this.#swarms.set(infoHash, swarm);
    if (tracker !== null) {
      const leave = this.#announcing.join({
        announce: () => announceTo(tracker, { infoHash, peer: swarm.own, ...this.announced }, clock),
        named: (peers) => swarm.named(peers.filter((peer) => !this.#isOurselves(peer))),
      });
      this.#leaving.set(swarm, leave);
    }
    return swarm;
  }

  networkChanged(): void {
    this.#announcing.hurry();
    for (const swarm of this.#swarms.values()) swarm.networkChanged();
    const { publicIp, tracker } = this.#options;
    if (publicIp === null) void announcedAddress(tracker).then((host) => this.#moved(host));
  }

  /** Everything ends by a reset, before this returns. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    process.off('exit', this.#atExit);
    for (const swarm of [...this.#swarms.values()]) swarm.leave();
    this.#announcing.close();
    this.#server.close();
    this.#sockets.closeAll();
  }

  #moved(host: string): void {
    if (this.#closed || host === this.#host) return;
    this.#host = host;
    this.#announcing.hurry();
  }

  #left(swarm: Swarm): void {
    if (this.#swarms.get(swarm.infoHash) === swarm) this.#swarms.delete(swarm.infoHash);
    this.#leaving.get(swarm)?.();
    this.#leaving.delete(swarm);
  }

  #isOurselves({ host, port }: NamedPeer): boolean {
    return port === this.port && (host === this.#host || isOwnAddress(host));
  }

  // Who comes

  #came(socket: Socket): void {
    if (this.#closed || !this.#sockets.came(socket)) return;
    awaitGreeting(socket, this.#options.clock, (greeting) => this.#letIn(socket, greeting));
  }

  /** [HL53] Who is refused hears nothing. */
  #letIn(socket: Socket, greeting: Greeting): void {
    const address = socket.remoteAddress;
    const swarm = greeting.kind === 'greeted' ? this.#swarms.get(greeting.infoHash) : undefined;
    if (greeting.kind !== 'greeted' || swarm === undefined || address === undefined) {
      return reset(socket);
    }
    const own = swarm.welcomes(greeting.peer, address);
    if (own === null) return reset(socket);
    this.#sockets.greeted(socket);
    greet(socket, own, greeting.infoHash);
    this.#link(swarm, socket, greeting, plainAddress(address), 'acceptor');
  }

  // Whom we dial

  #dial(swarm: Swarm, peer: NamedPeer, as: PeerId): boolean {
    if (this.#closed || this.#dials >= MAX_DIALS_UNDER_WAY || this.#sockets.isFull) return false;
    this.#dials += 1;
    const socket = connect({ ...SOCKET, host: peer.host, port: peer.port });
    this.#sockets.dialled(socket, peer.host);
    const failed = (why: DialFailure): void => {
      reset(socket);
      this.#dialled();
      swarm.dialFailed(peer, as, why);
    };
    const unreached = (): void => {
      cancel();
      socket.off('close', unreached);
      failed('unreached');
    };
    const cancel = this.#options.clock.after(CONNECT_TIMEOUT_MS, unreached);
    socket.once('close', unreached);
    socket.once('connect', () => {
      cancel();
      socket.off('close', unreached);
      greet(socket, as, swarm.infoHash);
      awaitGreeting(socket, this.#options.clock, (greeting) => {
        const isRight =
          greeting.kind === 'greeted' && greeting.peer === peer.id && greeting.infoHash === swarm.infoHash;
        if (!isRight) return failed(greeting.kind === 'silent' ? 'silent' : 'unreached');
        this.#dialled();
        if (this.#swarms.get(swarm.infoHash) !== swarm) return reset(socket);
        this.#link(swarm, socket, greeting, peer.host, 'dialler');
      });
    });
    return true;
  }

  /** A place is free: for any share that waits for one. */
  #dialled(): void {
    this.#dials -= 1;
    setImmediate(() => {
      for (const swarm of this.#swarms.values()) swarm.dialDue();
    });
  }

  #link(
    swarm: Swarm,
    socket: Socket,
    { peer, early }: Greeting & { kind: 'greeted' },
    address: string,
    role: LinkRole,
  ): void {
    const { clock } = this.#options;
    const link = new TcpLink({
      socket,
      early,
      path: pathTo(address),
      clock,
      queues: this.#queues,
      ended: (ours) => swarm.unlinked(link, ours),
    });
    swarm.linked(peer, address, role, link);
  }
}
