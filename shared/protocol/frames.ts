/**
 * The vocabulary of the wire ([WF1]–[WF15]): what peers may say to each other, as values. TorrentInno's own three
 * frames (request, piece, bitfield) keep their bytes; the others are Shoal's and are sent only after both sides
 * have shown the capability frame. Knows no bytes (codec.ts) and no order (phases.ts).
 */
import type { InfoHash, PeerId } from '../ids.ts';
import type { JobAnswer } from './web-texts.ts';

/** A range inside one piece, in bytes. */
export interface BlockRange {
  readonly piece: number;
  readonly offset: number;
  readonly length: number;
}

export interface Handshake {
  readonly kind: 'handshake';
  readonly peerId: PeerId;
  readonly infoHash: InfoHash;
}

export type Frame =
  | ({ readonly kind: 'request' } & BlockRange)
  | { readonly kind: 'piece'; readonly piece: number; readonly offset: number; readonly data: Uint8Array }
  | { readonly kind: 'bitfield'; readonly bits: Uint8Array }
  | { readonly kind: 'capability' }
  | { readonly kind: 'have'; readonly pieces: readonly number[] }
  | ({ readonly kind: 'cancel' } & BlockRange)
  | ({ readonly kind: 'reject' } & BlockRange)
  | { readonly kind: 'metadata-request'; readonly offset: number }
  /** `total` 0: the sender has no manifest (yet). */
  | { readonly kind: 'metadata'; readonly total: number; readonly offset: number; readonly data: Uint8Array }
  | { readonly kind: 'choke' }
  | { readonly kind: 'unchoke' }
  /** [WF13] Of the file whose address the swarm is of: text that web-texts.ts reads. */
  | { readonly kind: 'web-facts'; readonly text: Uint8Array }
  /** [WF14] */
  | { readonly kind: 'web-job'; readonly text: Uint8Array }
  /** [WF15] `job`: which of the jobs told on this connection, from 0; `found`: text that web-texts.ts reads, or nothing. */
  | {
      readonly kind: 'web-job-answer';
      readonly job: number;
      readonly answer: JobAnswer;
      readonly found: Uint8Array;
    };

export type FrameKind = Frame['kind'];

/** The type byte of each frame. 1–3 are TorrentInno's; 0x7f is payload-free, so an unmodified peer skips it. */
export const FRAME_TYPES = {
  request: 0x01,
  piece: 0x02,
  bitfield: 0x03,
  have: 0x10,
  cancel: 0x11,
  reject: 0x12,
  'metadata-request': 0x13,
  metadata: 0x14,
  choke: 0x15,
  unchoke: 0x16,
  'web-facts': 0x17,
  'web-job': 0x18,
  'web-job-answer': 0x19,
  capability: 0x7f,
} as const satisfies Record<FrameKind, number>;

/** How a peer broke the protocol. A value, never an exception: the peer is dropped and the transfer goes on. */
export interface Violation {
  readonly kind: 'violation';
  readonly what: ViolationKind;
  readonly detail: string;
}

export type ViolationKind =
  | 'wrong-magic'
  | 'wrong-info-hash'
  | 'wrong-id-order'
  | 'wrong-peer-id'
  | 'frame-too-long'
  | 'frame-length'
  | 'unknown-type'
  | 'out-of-phase'
  | 'bitfield'
  | 'no-such-piece'
  | 'unasked-block'
  | 'block-length'
  | 'bad-range'
  | 'too-many-requests'
  /** More frames in a short time than anybody needs. */
  | 'too-many-frames'
  | 'too-many-messages'
  | 'unasked-metadata'
  | 'bad-manifest'
  | 'bad-data'
  | 'bad-web-text';

export function violation(what: ViolationKind, detail: string): Violation {
  return { kind: 'violation', what, detail };
}
