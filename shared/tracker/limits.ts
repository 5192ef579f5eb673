/** Every bound of the tracker's messages, with its unit. Other people's clients may rely on them ([TR2]). */

/** Bytes of one text frame. The largest legal message is a signal whose 16 KiB are all written as `\u00xx`. */
export const MAX_TRACKER_FRAME_BYTES = 131_072;
/** UTF-16 code units of a text of the server's that a page reads: 50 results with the longest names and comments fit. */
export const MAX_SERVER_MESSAGE_LENGTH = 1_048_576;
/** Seconds between two announces of one member. */
export const ANNOUNCE_INTERVAL_S = 30;
/** Milliseconds after its last announce at which a member is gone. */
export const MEMBER_LIFE_MS = 35_000;
/** Milliseconds that the holder of a peer id has to answer a ping when somebody else announces that id. */
export const IN_USE_PING_MS = 5_000;
export const MAX_SCRAPED_SWARMS = 100;
/** Announced (swarm, peer id) pairs on one socket. */
export const MAX_MEMBERS_PER_SOCKET = 500;
/** UTF-16 code units of a search. */
export const MAX_QUERY_LENGTH = 255;
export const MAX_SEARCH_RESULTS = 50;
export const DEFAULT_SEARCH_RESULTS = 20;
