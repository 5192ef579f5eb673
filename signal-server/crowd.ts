/**
 * How many peer ids one socket, and one address, have in a swarm, and how many they may have ([TR10]): ids cost nothing
 * to invent, and a swarm gives a newcomer so few that one sender of silent ids could be all it hears of. Counts only
 * members whose sockets this process holds.
 */
import type { SwarmId } from '../shared/ids.ts';
import { MAX_ANNOUNCED_PEERS } from '../shared/limits.ts';
import type { ClientSocket, Member } from './client-socket.ts';
import { scaled } from './limits.ts';
import { tally } from './tally.ts';

export interface CrowdBounds {
  readonly perSocket: number;
  readonly perAddress: number;
}

/** A page has one id, and for a moment a second one when the first was taken. */
const IDS_PER_SOCKET = 4;
/** A class of forty, its teacher and some second tabs; a newcomer still hears of six others at least. */
const IDS_PER_ADDRESS = MAX_ANNOUNCED_PEERS - 6;

/** `factor` scales both, as it scales every limit ([SV5]); null: no limit. */
export function crowdBounds(factor: number | null): CrowdBounds {
  if (factor === null) return { perSocket: Infinity, perAddress: Infinity };
  return { perSocket: scaled(IDS_PER_SOCKET, factor), perAddress: scaled(IDS_PER_ADDRESS, factor) };
}

export class Crowd {
  readonly #byAddress = new Map<SwarmId, Map<string, number>>();

  entered({ swarm, socket }: Member): void {
    const addresses = this.#byAddress.get(swarm) ?? new Map<string, number>();
    this.#byAddress.set(swarm, addresses);
    tally(addresses, socket.addressKey, 1);
  }

  left({ swarm, socket }: Member): void {
    const addresses = this.#byAddress.get(swarm);
    if (!addresses) return;
    tally(addresses, socket.addressKey, -1);
    if (addresses.size === 0) this.#byAddress.delete(swarm);
  }

  /** Whether one more id of this socket fits into the swarm; if not, whose part of it is full. */
  fits(socket: ClientSocket, swarm: SwarmId, bounds: CrowdBounds): 'fits' | 'socket' | 'address' {
    const ofAddress = this.#byAddress.get(swarm)?.get(socket.addressKey) ?? 0;
    if (ofAddress >= bounds.perAddress) return 'address';
    let ofSocket = 0;
    // Of a socket that others of its address are not in the swarm with, nothing has to be counted.
    if (ofAddress >= bounds.perSocket) {
      for (const member of socket.members) if (member.swarm === swarm) ofSocket += 1;
    }
    return ofSocket >= bounds.perSocket ? 'socket' : 'fits';
  }
}
