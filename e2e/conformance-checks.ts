/**
 * Checks a file of test vectors against the code ([WF1], [HS1], [HS3], [BF1], [MF4], [MF5]): every row that has the
 * fields its check needs passes or fails; other rows and other keys are passed over. The codec is asked both ways.
 * Knows no file system: conformance.ts reads the file and prints.
 */
import { createHash } from 'node:crypto';
import { Bitfield } from '../shared/bitfield.ts';
import { bytesToHex, hexToBytes } from '../shared/hex.ts';
import { dials, infoHash, peerId } from '../shared/ids.ts';
import { normaliseCreationDate } from '../shared/manifest/creation-date.ts';
import { infoHashPreimage } from '../shared/manifest/info-hash.ts';
import type { HashedFields } from '../shared/manifest/info-hash.ts';
import { encodeFrame, encodeHandshake } from '../shared/protocol/codec.ts';
import type { Frame } from '../shared/protocol/frames.ts';
import { StreamDecoder } from '../shared/protocol/stream-decoder.ts';
import type { Received } from '../shared/protocol/stream-decoder.ts';
import { encodeUtf8 } from '../shared/utf8.ts';

export interface ConformanceResult {
  readonly passed: number;
  /** One line per row that failed. */
  readonly failures: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;
/** What is wrong with the code's answer; empty: nothing. Null: the row lacks a field that the check needs. */
type Check = (row: Row) => string[] | null;

const CHECKS: Readonly<Record<string, Check>> = {
  handshake: checkHandshake,
  request: checkRequest,
  piece: checkPiece,
  bitfield: checkBitfield,
  info_hash: checkInfoHash,
  peer_order: checkPeerOrder,
  creation_date: checkCreationDate,
};

/** `vectors` is the parsed JSON of a vector file. */
export function checkVectors(vectors: unknown): ConformanceResult {
  let passed = 0;
  const failures: string[] = [];
  for (const [key, check] of Object.entries(CHECKS)) {
    for (const [index, row] of rowsOf(vectors, key).entries()) {
      if (!isRow(row)) continue;
      const wrong = attempt(check, row);
      if (wrong === null) continue;
      if (wrong.length === 0) passed++;
      else failures.push(`${key}[${index}]${nameOf(row)}: ${wrong.join('; ')}`);
    }
  }
  return { passed, failures };
}

/** Encoding trusts its caller, so a row that no caller would write may throw: it fails like any other. */
function attempt(check: Check, row: Row): string[] | null {
  try {
    return check(row);
  } catch (error) {
    return [`threw ${String(error)}`];
  }
}

/** A list of rows, or an object whose `rows` is one. */
function rowsOf(vectors: unknown, key: string): readonly unknown[] {
  if (!isRow(vectors) || !Object.hasOwn(vectors, key)) return [];
  const value = vectors[key];
  if (Array.isArray(value)) return value;
  return isRow(value) && Array.isArray(value.rows) ? value.rows : [];
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(row: Row): string {
  return typeof row.name === 'string' ? ` ${JSON.stringify(row.name)}` : '';
}

function lacks(row: Row, ...fields: string[]): boolean {
  return fields.some((field) => row[field] === undefined || row[field] === null);
}

function checkHandshake(row: Row): string[] | null {
  if (lacks(row, 'peer_id', 'info_hash', 'hex')) return null;
  const id = peerId(String(row.peer_id).toLowerCase());
  const hash = infoHash(String(row.info_hash).toLowerCase());
  if (id === null || hash === null) return ['peer_id and info_hash are not 64 hex digits'];
  const expected = { kind: 'handshake', peerId: id, infoHash: hash } as const;
  return bothWays(row, encodeHandshake(id, hash), expected, new StreamDecoder());
}

function checkRequest(row: Row): string[] | null {
  if (lacks(row, 'piece_index', 'piece_inner_offset', 'block_length', 'hex')) return null;
  const frame = {
    kind: 'request',
    piece: Number(row.piece_index),
    offset: Number(row.piece_inner_offset),
    length: Number(row.block_length),
  } as const;
  return checkFrame(row, frame);
}

function checkPiece(row: Row): string[] | null {
  if (lacks(row, 'piece_index', 'piece_inner_offset', 'data_hex', 'hex')) return null;
  const data = hexToBytes(String(row.data_hex).toLowerCase());
  if (data === null) return ['data_hex is not hexadecimal'];
  const wrong = checkFrame(row, {
    kind: 'piece',
    piece: Number(row.piece_index),
    offset: Number(row.piece_inner_offset),
    data,
  });
  if (row.block_length === undefined || row.block_length === data.length) return wrong;
  return [...wrong, `block_length is ${String(row.block_length)}, the data have ${data.length} bytes`];
}

function checkBitfield(row: Row): string[] | null {
  if (lacks(row, 'pieces', 'set', 'hex') || !Array.isArray(row.set)) return null;
  const pieces = Number(row.pieces);
  const set: number[] = row.set.map(Number);
  if (!set.every((piece) => Number.isInteger(piece) && piece >= 0 && piece < pieces)) {
    return ['set names a piece that the share does not have'];
  }
  const bits = Bitfield.of(pieces, set).toBytes();
  const wrong = checkFrame(row, { kind: 'bitfield', bits });
  return [...wrong, ...checkBits(row, pieces, set)];
}

/** The bits of the row's own bytes, read back as a set. */
function checkBits(row: Row, pieces: number, set: readonly number[]): string[] {
  const decoder = StreamDecoder.afterHandshake();
  decoder.push(hexToBytes(String(row.hex).toLowerCase()) ?? new Uint8Array(0));
  const frame = decoder.next();
  if (frame?.kind !== 'bitfield') return [];
  const read = Bitfield.parse(frame.bits, pieces);
  if (read === null) return [`the bits are refused as a bitfield of ${pieces} pieces`];
  const own = [...Array(pieces).keys()].filter((piece) => read.has(piece));
  const wanted = [...new Set(set)].sort((one, other) => one - other);
  return own.join() === wanted.join() ? [] : [`the bits are read as [${own.join()}]`];
}

function checkFrame(row: Row, frame: Frame): string[] {
  return bothWays(row, encodeFrame(frame), frame, StreamDecoder.afterHandshake());
}

/** The value gives the row's bytes, and the row's bytes give the value and nothing more. */
function bothWays(row: Row, encoded: Uint8Array, value: Received, decoder: StreamDecoder): string[] {
  const wrong: string[] = [];
  const hex = String(row.hex).toLowerCase();
  if (bytesToHex(encoded) !== hex) wrong.push(`encoded as ${bytesToHex(encoded)}, not ${hex}`);
  if (row.length !== undefined && row.length !== hex.length / 2) {
    wrong.push(`length is ${String(row.length)}, the bytes are ${hex.length / 2}`);
  }
  const bytes = hexToBytes(hex);
  if (bytes === null) return [...wrong, 'hex is not hexadecimal'];
  decoder.push(bytes);
  const decoded = decoder.next();
  if (shown(decoded) !== shown(value)) wrong.push(`decoded as ${shown(decoded)}, not ${shown(value)}`);
  else if (shown(decoder.next()) !== 'null') wrong.push('decoded as more than one frame');
  return wrong;
}

function shown(value: Received | null): string {
  return JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? bytesToHex(part) : part));
}

/** The hash function alone: the fields are taken as they stand, without a manifest's checks. */
function checkInfoHash(row: Row): string[] | null {
  const resource = row.resource_json;
  if (row.info_hash === undefined || !isRow(resource)) return null;
  if (lacks(resource, 'trackerIp', 'trackerPort', 'comment', 'creationDate', 'name', 'pieces')) return null;
  if (!isHashed(resource)) return ['resource_json holds a value of another type'];
  const preimage = infoHashPreimage(resource);
  if (preimage === null)
    return row.info_hash === null ? [] : ['refused: its date or its text cannot be hashed'];
  const bytes = encodeUtf8(preimage);
  const answers = {
    preimage_utf8: preimage,
    preimage_hex: bytesToHex(bytes),
    creation_date_normalised: normaliseCreationDate(resource.creationDate),
    info_hash: createHash('sha256').update(bytes).digest('hex'),
  };
  const wrong = Object.entries(answers).filter(
    ([field, own]) => row[field] !== undefined && row[field] !== own,
  );
  return wrong.map(([field, own]) => `${field} is ${JSON.stringify(own)}, not ${JSON.stringify(row[field])}`);
}

function isHashed(resource: Row): resource is Row & HashedFields {
  const { trackerIp, trackerPort, comment, creationDate, name, pieces } = resource;
  const texts = [trackerIp, comment, creationDate, name];
  if (!texts.every((text) => typeof text === 'string')) return false;
  if (typeof trackerPort !== 'string' && typeof trackerPort !== 'number') return false;
  return Array.isArray(pieces) && pieces.every(isHashedPiece);
}

function isHashedPiece(piece: unknown): boolean {
  return isRow(piece) && typeof piece.sha256 === 'string' && typeof piece.size === 'number';
}

function checkPeerOrder(row: Row): string[] | null {
  if (lacks(row, 'a', 'b', 'a_is_smaller_and_initiates')) return null;
  const a = peerId(String(row.a).toLowerCase());
  const b = peerId(String(row.b).toLowerCase());
  if (a === null || b === null) return ['a and b are not 64 hex digits'];
  return dials(a, b) === row.a_is_smaller_and_initiates ? [] : [`a dials: ${String(dials(a, b))}`];
}

function checkCreationDate(row: Row): string[] | null {
  if (row.in === undefined || row.out === undefined) return null;
  const own = typeof row.in === 'string' ? normaliseCreationDate(row.in) : null;
  if (own === row.out) return [];
  return [`${JSON.stringify(row.in)} becomes ${JSON.stringify(own)}, not ${JSON.stringify(row.out)}`];
}
