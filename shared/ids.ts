/**
 * Branded identities. A value of these types was checked once at the edge; the type carries the proof.
 * All three 32-byte ids travel as 64 lowercase hexadecimal digits in text and as raw bytes on the wire ([ID1]).
 */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** One peer (a tab): the SHA-256 of a public key of its own ([ID2]). 64 lowercase hex digits. */
export type PeerId = Branded<string, 'PeerId'>;
/** SHA-256 of a resource's pre-image ([MF4]). 64 lowercase hex digits. */
export type InfoHash = Branded<string, 'InfoHash'>;
/** What the tracker knows a share by ([LK3]). 64 lowercase hex digits. */
export type SwarmId = Branded<string, 'SwarmId'>;
/** One connection to one peer, numbered by the driver; never used twice in one engine's life. */
export type LinkId = Branded<number, 'LinkId'>;

const HEX_64 = /^[0-9a-f]{64}$/;

export function isHexId(text: string): boolean {
  return HEX_64.test(text);
}

export function peerId(text: string): PeerId | null {
  return isHexId(text) ? (text as PeerId) : null;
}

export function infoHash(text: string): InfoHash | null {
  return isHexId(text) ? (text as InfoHash) : null;
}

export function swarmId(text: string): SwarmId | null {
  return isHexId(text) ? (text as SwarmId) : null;
}

export function linkId(serial: number): LinkId {
  return serial as LinkId;
}

/**
 * Who dials ([HS3]): of two peers the one with the smaller id. Lowercase-hex text compares as the bytes do.
 * Ids differ by construction; of two equal ids neither dials.
 */
export function dials(own: PeerId, other: PeerId): boolean {
  return own < other;
}
