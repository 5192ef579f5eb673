/**
 * Frame ⇄ bytes ([WF1]–[WF15]). Encoding trusts its caller; decoding trusts nobody: it is total (every input has
 * a value, never an exception), bounded (every type has a largest body, and memory grows with what arrived, not
 * with what a length claims) and copies nothing where a frame arrives whole. Knows no phases and no pieces.
 */
import { assert, unreachable } from '../assert.ts';
import { bytesToHex, hexToBytes } from '../hex.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import {
  HANDSHAKE_BYTES,
  MAX_BLOCK_BYTES,
  MAX_FRAME_BODY_BYTES,
  MAX_HAVE_INDEXES,
  MAX_PIECES,
  MAX_WEB_FACTS_BYTES,
  MAX_WEB_FOUND_BYTES,
  MAX_WEB_JOB_BYTES,
  METADATA_CHUNK_BYTES,
  PIECE_HEADER_BYTES,
} from '../limits.ts';
import { FRAME_TYPES, violation } from './frames.ts';
import type { BlockRange, Frame, FrameKind, Handshake, Violation } from './frames.ts';
import { JOB_ANSWERS } from './web-texts.ts';

/** ASCII "TorrentInno". */
const MAGIC = Uint8Array.of(0x54, 0x6f, 0x72, 0x72, 0x65, 0x6e, 0x74, 0x49, 0x6e, 0x6e, 0x6f);
/** The length field and the type byte: what must be there before a frame can be judged. */
const HEADER_BYTES = 5;
const LENGTH_BYTES = 4;
const RANGE_BODY_BYTES = 13;
const METADATA_HEADER_BYTES = 9;

/** [HS1] 75 bytes: magic, own id, info-hash. */
export function encodeHandshake(peerId: PeerId, infoHash: InfoHash): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HANDSHAKE_BYTES);
  bytes.set(MAGIC, 0);
  bytes.set(rawId(peerId), MAGIC.length);
  bytes.set(rawId(infoHash), MAGIC.length + 32);
  return bytes;
}

function rawId(hex: string): Uint8Array {
  const bytes = hexToBytes(hex);
  assert(bytes !== null && bytes.length === 32, 'an id has 32 bytes');
  return bytes;
}

/** `bytes` holds exactly 75. Only the magic can be wrong here; ids and hash are judged by who knows them. */
export function parseHandshake(bytes: Uint8Array): Handshake | Violation {
  assert(bytes.length === HANDSHAKE_BYTES, 'a handshake has 75 bytes');
  for (let at = 0; at < MAGIC.length; at++) {
    if (bytes[at] !== MAGIC[at])
      return violation('wrong-magic', 'the stream does not begin with TorrentInno');
  }
  return {
    kind: 'handshake',
    peerId: bytesToHex(bytes.subarray(11, 43)) as PeerId,
    infoHash: bytesToHex(bytes.subarray(43, 75)) as InfoHash,
  };
}

export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  switch (frame.kind) {
    case 'request':
    case 'cancel':
    case 'reject':
      return encodeRange(frame.kind, frame);
    case 'piece':
      return encodePiece(frame.piece, frame.offset, frame.data);
    case 'bitfield':
      return withData('bitfield', 0, frame.bits);
    case 'capability':
    case 'choke':
    case 'unchoke':
      return withData(frame.kind, 0, null);
    case 'have':
      return encodeHave(frame.pieces);
    case 'metadata-request': {
      const bytes = withData('metadata-request', 4, null);
      putUint32(bytes, HEADER_BYTES, frame.offset);
      return bytes;
    }
    case 'metadata': {
      const bytes = withData('metadata', 8, frame.data);
      putUint32(bytes, HEADER_BYTES, frame.total);
      putUint32(bytes, HEADER_BYTES + 4, frame.offset);
      return bytes;
    }
    case 'web-facts':
    case 'web-job':
      return withData(frame.kind, 0, frame.text);
    case 'web-job-answer':
      return withData(
        'web-job-answer',
        0,
        Uint8Array.of(frame.job, JOB_ANSWERS.indexOf(frame.answer), ...frame.found),
      );
    default:
      return unreachable(frame);
  }
}

/** Bytes of the frame of a block. */
export function pieceFrameBytes(dataBytes: number): number {
  return HEADER_BYTES + 12 + dataBytes;
}

/** The one copy on the way out: header and data become one message. `into`: `pieceFrameBytes` to write it to. */
export function encodePiece(
  piece: number,
  offset: number,
  data: Uint8Array,
  into?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const bytes = withData('piece', 12, data, into);
  putUint32(bytes, HEADER_BYTES, piece);
  putUint32(bytes, HEADER_BYTES + 4, offset);
  putUint32(bytes, HEADER_BYTES + 8, data.length);
  return bytes;
}

function encodeRange(kind: 'request' | 'cancel' | 'reject', range: BlockRange): Uint8Array<ArrayBuffer> {
  const bytes = withData(kind, 12, null);
  putUint32(bytes, HEADER_BYTES, range.piece);
  putUint32(bytes, HEADER_BYTES + 4, range.offset);
  putUint32(bytes, HEADER_BYTES + 8, range.length);
  return bytes;
}

function encodeHave(pieces: readonly number[]): Uint8Array<ArrayBuffer> {
  assert(pieces.length >= 1 && pieces.length <= MAX_HAVE_INDEXES, 'a have frame names 1 to 1,024 pieces');
  const bytes = withData('have', pieces.length * 4, null);
  pieces.forEach((piece, nth) => putUint32(bytes, HEADER_BYTES + nth * 4, piece));
  return bytes;
}

/** A frame with room for `fields` bytes of numbers before its data. */
function withData(
  kind: FrameKind,
  fields: number,
  data: Uint8Array | null,
  into?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const dataBytes = data === null ? 0 : data.length;
  const bytes = into ?? new Uint8Array(HEADER_BYTES + fields + dataBytes);
  putUint32(bytes, 0, 1 + fields + dataBytes);
  bytes[LENGTH_BYTES] = FRAME_TYPES[kind];
  if (data !== null) bytes.set(data, HEADER_BYTES + fields);
  return bytes;
}

/** Big-endian, without a DataView: these run for every frame, and a view for each costs more than the frame. */
function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** The four bytes at `at` must be there. */
export function uint32At(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return ((high << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}

/** The bodies (type byte included) that a type may have: least, most and step, in bytes ([WF3]). */
export interface BodyRule {
  readonly kind: FrameKind;
  readonly least: number;
  readonly most: number;
  readonly step: number;
}

const BODY_RULES: ReadonlyMap<number, BodyRule> = new Map(
  (
    [
      ['request', RANGE_BODY_BYTES, RANGE_BODY_BYTES, 1],
      ['piece', RANGE_BODY_BYTES, RANGE_BODY_BYTES + MAX_BLOCK_BYTES, 1],
      ['bitfield', 1, 1 + Math.ceil(MAX_PIECES / 8), 1],
      ['have', 5, 1 + 4 * MAX_HAVE_INDEXES, 4],
      ['cancel', RANGE_BODY_BYTES, RANGE_BODY_BYTES, 1],
      ['reject', RANGE_BODY_BYTES, RANGE_BODY_BYTES, 1],
      ['metadata-request', 5, 5, 1],
      ['metadata', METADATA_HEADER_BYTES, METADATA_HEADER_BYTES + METADATA_CHUNK_BYTES, 1],
      ['choke', 1, 1, 1],
      ['unchoke', 1, 1, 1],
      ['capability', 1, 1, 1],
      ['web-facts', 1, 1 + MAX_WEB_FACTS_BYTES, 1],
      ['web-job', 1, 1 + MAX_WEB_JOB_BYTES, 1],
      ['web-job-answer', 3, 3 + MAX_WEB_FOUND_BYTES, 1],
    ] as const
  ).map(([kind, least, most, step]) => [FRAME_TYPES[kind], { kind, least, most, step }]),
);

/** Judges a frame by its first five bytes, before anything of it is kept. */
export function judgeHeader(bodyLength: number, type: number): BodyRule | Violation {
  if (bodyLength > MAX_FRAME_BODY_BYTES) return violation('frame-too-long', `a body of ${bodyLength} bytes`);
  const rule = BODY_RULES.get(type);
  if (rule === undefined) return violation('unknown-type', `frame type ${type}`);
  const { kind, least, most, step } = rule;
  if (bodyLength < least || bodyLength > most || (bodyLength - least) % step !== 0) {
    return violation('frame-length', `a ${kind} frame with a body of ${bodyLength} bytes`);
  }
  return rule;
}

/** `bytes` holds exactly one frame whose header was judged; `data` of the result is a view into it. */
export function parseFrame(kind: FrameKind, bytes: Uint8Array): Frame | Violation {
  switch (kind) {
    case 'request':
    case 'cancel':
    case 'reject':
      return { kind, piece: uint32At(bytes, 5), offset: uint32At(bytes, 9), length: uint32At(bytes, 13) };
    case 'piece':
      if (uint32At(bytes, 13) !== bytes.length - PIECE_HEADER_BYTES) {
        return violation('block-length', 'a piece frame whose block length is not that of its data');
      }
      return {
        kind,
        piece: uint32At(bytes, 5),
        offset: uint32At(bytes, 9),
        data: bytes.subarray(PIECE_HEADER_BYTES),
      };
    case 'bitfield':
      return { kind, bits: bytes.subarray(HEADER_BYTES) };
    case 'have':
      return { kind, pieces: readIndexes(bytes) };
    case 'metadata-request':
      return { kind, offset: uint32At(bytes, 5) };
    case 'metadata':
      return { kind, total: uint32At(bytes, 5), offset: uint32At(bytes, 9), data: bytes.subarray(13) };
    case 'capability':
    case 'choke':
    case 'unchoke':
      return { kind };
    case 'web-facts':
    case 'web-job':
      return { kind, text: bytes.subarray(HEADER_BYTES) };
    case 'web-job-answer': {
      const [job = 0, said = -1] = bytes.subarray(HEADER_BYTES);
      const answer = JOB_ANSWERS[said];
      return answer === undefined
        ? violation('bad-web-text', `an answer to a job of ${said}`)
        : { kind, job, answer, found: bytes.subarray(HEADER_BYTES + 2) };
    }
    default:
      return unreachable(kind);
  }
}

function readIndexes(bytes: Uint8Array): number[] {
  const pieces: number[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += 4) pieces.push(uint32At(bytes, at));
  return pieces;
}
