/** Every bound of TorrentInno over TCP, with its unit. */

/** Connections of all shares together, those under way included. */
export const MAX_SOCKETS = 200;
/** Of one address: many people may stand behind one, and none of them may take all places. */
export const MAX_SOCKETS_OF_AN_ADDRESS = 64;
/** Sockets of others whose handshake is not whole; the oldest makes way for a newer one … */
export const MAX_HALF_OPEN = 128;
/** … and of one address. */
export const MAX_HALF_OPEN_OF_AN_ADDRESS = 48;
/** Connections that one address may begin at once … */
export const BEGUN_AT_ONCE = 64;
/** … and a second. */
export const BEGUN_A_SECOND = 8;
/** Addresses of which it is remembered how many they began. */
export const MAX_REMEMBERED_ADDRESSES = 4_096;
/** ms for a connection to be there, and again for the other side's handshake. */
export const CONNECT_TIMEOUT_MS = 10_000;
export const GREETING_TIMEOUT_MS = 10_000;

/** Dials under way, of all shares together. */
export const MAX_DIALS_UNDER_WAY = 16;
/** Ports below are those of a system's services, and nobody listens for peers there. */
export const LEAST_DIALLED_PORT = 1_024;
/** ms before a peer is dialled again that could not be reached or was lost; doubles each time. */
export const FIRST_REDIAL_MS = 2_000;
export const LAST_REDIAL_MS = 120_000;
/** The same for a peer that we had no use for. */
export const FIRST_USELESS_MS = 60_000;
export const LAST_USELESS_MS = 600_000;
/** A connection that lasted so many ms was worth it: what failed before counts no more. */
export const WORTH_MS = 60_000;
/** Who dials us and has not come back so many ms after its connection ended is dialled: two of its announces. */
export const COMES_BACK_MS = 65_000;
/** A peer that the tracker has not named for so many ms, while it answered, is gone. */
export const FORGET_MS = 95_000;
/** Peers of one share that are remembered. */
export const MAX_NAMED = 400;

/** ms between two announces of a share: TorrentInno's tracker forgets after 35 s. */
export const ANNOUNCE_EVERY_MS = 30_000;
/** ms for the tracker to answer. */
export const ANNOUNCE_TIMEOUT_MS = 5_000;
/** ms between two tries while it does not. */
export const RETRY_ANNOUNCE_MS = 5_000;
/** Announces under way at the same time. */
export const ANNOUNCED_AT_ONCE = 4;
/** Bytes of an answer that are read, and peers in it that are looked at. */
export const MAX_ANSWER_BYTES = 1_048_576;
export const MAX_ANSWERED = 2_000;

/** What of one connection may wait in Node at once. */
export const MAX_IN_NODE_BYTES = 262_144;
/** What is given to the kernel in one go, at most and (where more waits) at the least. */
export const MAX_WRITE_BYTES = 131_072;
export const LEAST_WRITE_BYTES = 16_384;
/** [HL59] What the kernel may hold of a connection that takes nothing … */
export const KERNEL_FLOOR_BYTES = 49_152;
/** … and how much more: what the connection takes in a round trip and so many ms. */
export const KERNEL_SLACK_MS = 80;
/** The speed of a connection is what was acknowledged in so many ms, and at first in fewer. */
export const RATE_WINDOW_MS = 250;
export const LEAST_WINDOW_MS = 125;
/** A round trip counts as so many ms at most: what waits in the network is not ours to fill. */
export const MOST_ROUND_TRIP_MS = 600;
/** ms between two looks at the kernel's queues, while something is in them … */
export const LOOK_EVERY_MS = 20;
/** … at the first one, and where nothing moves. */
export const FIRST_LOOK_MS = 10;
export const SLOW_LOOK_MS = 500;
/** The next look waits so many times as long as the last one took. */
export const LOOK_COST = 15;
/** A connection of which nothing was acknowledged for so many ms, and from which nothing came, is dead. */
export const DEAD_MS = 120_000;
/** A connection from which something came in the last ms is alive: what comes beside it under the same name is not let in. */
export const LIVELY_MS = 40_000;
/** ms of silence before TCP asks whether the other side is still there. */
export const KEEP_ALIVE_MS = 30_000;
