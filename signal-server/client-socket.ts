/**
 * What the tracker needs of one socket, and what it keeps of one member on it. No `ws` here: tests speak through
 * sockets of their own.
 */
import type { PeerId, SwarmId } from '../shared/ids.ts';
import type { InstanceId } from './swarms.ts';

export interface ClientSocket {
  /** What limits by address count by: the IPv4 address, or the /64 network of an IPv6 address. */
  readonly addressKey: string;
  /** Everything announced on this socket; the tracker alone changes it. */
  readonly members: Set<Member>;
  /** The socket is gone, or as good as gone. */
  readonly closed: boolean;
  /** One message. `isAscii`: it is known to hold nothing else, and need not be looked through. */
  send(text: string, isAscii?: boolean): void;
  /** Lets out at once what was sent, which else waits for the end of this turn of the event loop. */
  flush(): void;
  /** Whether the other end answers a ping within that many milliseconds. */
  answersPing(withinMs: number): Promise<boolean>;
  /** Cuts the connection at once. */
  cut(): void;
}

/** A peer id announced in a swarm on a socket of this process. */
export interface Member {
  readonly swarm: SwarmId;
  readonly peerId: PeerId;
  readonly socket: ClientSocket;
  seed: boolean;
  /**
   * The members that this one was told of, or that were told of it, and the instance that holds each ([TR5]).
   * Symmetrical: where both are held here, each stands in the other's.
   */
  readonly acquainted: Map<PeerId, InstanceId>;
}
