/**
 * Whom this peer reaches: the tracker with its directory, connections by way of its signals, swarms of other kinds
 * ([HL50]), and how all go on when the network is another one or the device slept ([PN10] [PN11]). Puts the parts
 * together and decides in which order they hear; knows no shares.
 */
import type { Input, LinkRole } from '../engine/io.ts';
import type { PeerId, SwarmId } from '../ids.ts';
import { Directory } from './directory.ts';
import { Elsewhere } from './elsewhere.ts';
import type { ListingsHost } from './listings.ts';
import { Mesh } from './mesh.ts';
import { NetworkWatch } from './network-watch.ts';
import type { Identity, Link, PeerPorts } from './ports.ts';
import { TrackerClient } from './tracker-client.ts';
import type { TrackerAnnounce } from './tracker-client.ts';

export interface ReachListener {
  linkOpened(swarm: SwarmId, peer: PeerId, role: LinkRole, link: Link): void;
  /** What the machine of that swarm has to hear. */
  heard(swarm: SwarmId, input: Input): void;
  /** What every machine has to hear. */
  allHeard(input: Input): void;
  /** Whether an attempt of that peer may come to something. */
  welcomes(swarm: SwarmId, peer: PeerId): boolean;
  /** Somebody else is called as we are. */
  taken(own: PeerId): void;
  readonly listings: ListingsHost;
}

export class Reach {
  /** It hears of the tracker behind the machines. */
  readonly directory: Directory;
  /** [HL50] */
  readonly elsewhere: Elsewhere;
  readonly #tracker: TrackerClient;
  readonly #mesh: Mesh;
  readonly #watch: NetworkWatch;
  readonly #listener: ReachListener;

  constructor(identity: Identity, ports: PeerPorts, listener: ReachListener) {
    this.#listener = listener;
    this.elsewhere = new Elsewhere(identity.id, ports.otherSwarms);
    this.#mesh = new Mesh(identity.id, ports, {
      linkOpened: (swarm, peer, role, link) => {
        this.elsewhere.reached(swarm, peer);
        listener.linkOpened(swarm, peer, role, link);
      },
      dialAnswered: (swarm, peer) => listener.heard(swarm, { kind: 'dial-answered', peer }),
      dialFailed: (swarm, peer) => listener.heard(swarm, { kind: 'dial-failed', peer }),
      signal: (swarm, to, payload) => this.#tracker.signal(swarm, to, payload),
      welcomes: (swarm, peer) => listener.welcomes(swarm, peer),
    });
    this.#tracker = new TrackerClient(identity, ports, {
      opened: () => {
        this.#mesh.renew(false);
        listener.allHeard({ kind: 'tracker-opened' });
        this.directory.opened();
      },
      lost: () => {
        listener.allHeard({ kind: 'tracker-lost' });
        this.directory.lost();
      },
      heard: (swarm, input) => listener.heard(swarm, input),
      signalled: (swarm, from, payload) => this.#mesh.signalled(swarm, from, payload),
      unreachable: (swarm, peer) => this.#mesh.unreachable(swarm, peer),
      taken: (own) => listener.taken(own),
      directoryAnswered: (answer) => this.directory.answered(answer),
    });
    this.directory = new Directory(ports.clock, this.#tracker, listener.listings);
    this.#watch = new NetworkWatch(ports.clock, (slept) => this.#lookAround(slept));
  }

  /** What a new machine has to know of the tracker; null: it was not tried yet. */
  get trackerNews(): Input | null {
    if (this.#tracker.isOpen) return { kind: 'tracker-opened' };
    return this.#tracker.isLost ? { kind: 'tracker-lost' } : null;
  }

  dial(swarm: SwarmId, peer: PeerId): void {
    this.#mesh.dial(swarm, peer);
  }

  giveUp(swarm: SwarmId, peer: PeerId): void {
    this.#mesh.unreachable(swarm, peer);
  }

  announce(announce: TrackerAnnounce): void {
    this.#tracker.announce(announce);
    this.directory.announced(announce);
  }

  /** [ID4] Everything is announced anew as soon as the new name is proved. */
  renamed(identity: Identity): void {
    this.#mesh.renamed(identity.id);
    this.elsewhere.renamed(identity.id);
    this.#tracker.become(identity);
  }

  /** [PN11] The network may be another one: nothing has to wait for its next try. */
  networkChanged(): void {
    this.#watch.changed();
  }

  close(): void {
    this.#watch.close();
    this.#mesh.closeAll();
    this.elsewhere.close();
    this.#tracker.close();
    this.directory.lost();
  }

  /** What was under way ends first, so that the machines, which forget their failures, may dial it anew. */
  #lookAround(slept: boolean): void {
    this.#tracker.check();
    this.#mesh.renew(slept);
    this.#listener.allHeard({ kind: 'network-changed' });
    this.elsewhere.networkChanged();
  }
}
