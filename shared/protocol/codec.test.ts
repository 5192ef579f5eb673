/** Every frame both ways, and the bytes that TorrentInno's own client printed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../bitfield.ts';
import { bytesToHex, hexToBytes } from '../hex.ts';
import { dials } from '../ids.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import { MAX_BLOCK_BYTES, MAX_HAVE_INDEXES, MAX_PIECES, METADATA_CHUNK_BYTES } from '../limits.ts';
import vectors from '../vectors/torrentinno.json';
import { encodeFrame, encodeHandshake, encodePiece, judgeHeader, parseHandshake } from './codec.ts';
import { FRAME_TYPES } from './frames.ts';
import type { Frame, FrameKind } from './frames.ts';
import { StreamDecoder } from './stream-decoder.ts';
import { anyFrame } from './testing/arbitrary.ts';

function decodeWhole(bytes: Uint8Array): unknown {
  const decoder = StreamDecoder.afterHandshake();
  decoder.push(bytes);
  const frame = decoder.next();
  expect(decoder.next() === null || frame?.kind === 'violation').toBe(true);
  return frame;
}

function hex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

function bytesOf(text: string): Uint8Array {
  const bytes = hexToBytes(text);
  if (bytes === null) throw new Error('vectors are hexadecimal');
  return bytes;
}

describe('frames', () => {
  test('[WF1] every frame survives the way out and back', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeWhole(encodeFrame(frame))).toEqual(frame);
      }),
    );
  });

  test('[WF1] a frame is its body length, its type and its data', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const bytes = encodeFrame(frame);
        expect(new DataView(bytes.buffer).getUint32(0)).toBe(bytes.length - 4);
        expect(bytes[4]).toBe(FRAME_TYPES[frame.kind]);
      }),
    );
  });

  const examples: [Frame, string][] = [
    [{ kind: 'request', piece: 19, offset: 384, length: 1024 }, '0000000d01000000130000018000000400'],
    [
      { kind: 'piece', piece: 2, offset: 0, data: bytesOf('68656c6c6f') },
      '000000120200000002000000000000000568656c6c6f',
    ],
    [{ kind: 'bitfield', bits: bytesOf('9040') }, '00000003039040'],
    [{ kind: 'capability' }, '000000017f'],
    [{ kind: 'have', pieces: [1, 258] }, '00000009100000000100000102'],
    [{ kind: 'cancel', piece: 1, offset: 2, length: 3 }, '0000000d11000000010000000200000003'],
    [{ kind: 'reject', piece: 1, offset: 2, length: 3 }, '0000000d12000000010000000200000003'],
    [{ kind: 'metadata-request', offset: 65_536 }, '000000051300010000'],
    [{ kind: 'metadata', total: 3, offset: 1, data: bytesOf('aabb') }, '0000000b140000000300000001aabb'],
    [{ kind: 'choke' }, '0000000115'],
    [{ kind: 'unchoke' }, '0000000116'],
    [{ kind: 'web-facts', text: bytesOf('7b7d') }, '00000003177b7d'],
    [{ kind: 'web-job', text: bytesOf('7b7d') }, '00000003187b7d'],
    [{ kind: 'web-job-answer', job: 2, answer: 'full', found: bytesOf('') }, '00000003190201'],
    [{ kind: 'web-job-answer', job: 0, answer: 'taken', found: bytesOf('7b7d') }, '000000051900007b7d'],
  ];
  const rule: Record<FrameKind, string> = {
    request: 'WF4',
    piece: 'WF5',
    bitfield: 'WF6',
    capability: 'WF7',
    have: 'WF8',
    cancel: 'WF9',
    reject: 'WF10',
    'metadata-request': 'WF11',
    metadata: 'WF11',
    choke: 'WF12',
    unchoke: 'WF12',
    'web-facts': 'WF13',
    'web-job': 'WF14',
    'web-job-answer': 'WF15',
  };
  test.each(examples.map(([frame, bytes]) => [rule[frame.kind], frame.kind, bytes, frame] as const))(
    '[%s] %s is %s',
    (_rule, _kind, bytes, frame) => {
      expect(hex(encodeFrame(frame))).toBe(bytes);
      expect(decodeWhole(bytesOf(bytes))).toEqual(frame);
    },
  );

  test('[WF5] a piece is encoded with the one copy of its data', () => {
    const file = Uint8Array.from({ length: 100 }, (_, at) => at);
    const window = file.subarray(10, 15);
    const bytes = encodePiece(7, 65_536, window);
    file.fill(0);
    expect(hex(bytes)).toBe('000000120200000007000100000000000' + '50a0b0c0d0e');
  });
});

describe("TorrentInno's own bytes", () => {
  test.each(vectors.handshake)('[HS1] handshake $name', ({ peer_id, info_hash, hex: bytes }) => {
    expect(hex(encodeHandshake(peer_id as PeerId, info_hash as InfoHash))).toBe(bytes);
    expect(parseHandshake(bytesOf(bytes))).toEqual({
      kind: 'handshake',
      peerId: peer_id,
      infoHash: info_hash,
    });
  });

  test.each(vectors.request)('[WF4] request $name', (row) => {
    const { piece_index: piece, piece_inner_offset: offset, block_length: length } = row;
    expect(hex(encodeFrame({ kind: 'request', piece, offset, length }))).toBe(row.hex);
    expect(decodeWhole(bytesOf(row.hex))).toEqual({ kind: 'request', piece, offset, length });
  });

  test.each(vectors.piece)('[WF5] piece $name', (row) => {
    const { piece_index: piece, piece_inner_offset: offset } = row;
    const data = bytesOf(row.data_hex);
    expect(hex(encodePiece(piece, offset, data))).toBe(row.hex);
    expect(decodeWhole(bytesOf(row.hex))).toEqual({ kind: 'piece', piece, offset, data });
  });

  test.each(vectors.bitfield)('[WF6] bitfield $name', (row) => {
    const bits = Bitfield.of(row.pieces, row.set).toBytes();
    expect(hex(encodeFrame({ kind: 'bitfield', bits }))).toBe(row.hex);
    expect(decodeWhole(bytesOf(row.hex))).toEqual({ kind: 'bitfield', bits });
  });

  test.each(vectors.peer_order)('[HS3] of two peers the smaller id dials, row %#', (row) => {
    expect(dials(row.a as PeerId, row.b as PeerId)).toBe(row.a_is_smaller_and_initiates);
    expect(dials(row.b as PeerId, row.a as PeerId)).toBe(!row.a_is_smaller_and_initiates);
  });

  test.each(vectors.stream)('[WF2] the conversation of "$name" is understood', (row) => {
    for (const side of [row.initiator_to_acceptor_hex, row.acceptor_to_initiator_hex]) {
      const decoder = new StreamDecoder();
      decoder.push(bytesOf(side.join('')));
      const heard: string[] = [];
      for (let one = decoder.next(); one !== null; one = decoder.next()) {
        expect(one.kind).not.toBe('violation');
        heard.push(
          one.kind === 'handshake'
            ? hex(encodeHandshake(one.peerId, one.infoHash))
            : hex(encodeFrame(one as Frame)),
        );
      }
      expect(heard).toEqual(side);
    }
  });
});

describe('[HS1] the handshake', () => {
  test('[HS1] another magic is a violation, whichever byte differs', () => {
    const good = encodeHandshake('1'.repeat(64) as PeerId, '2'.repeat(64) as InfoHash);
    for (let at = 0; at < 11; at++) {
      const bad = good.slice();
      bad[at] = (bad[at] ?? 0) ^ 0x20;
      expect(parseHandshake(bad)).toMatchObject({ kind: 'violation', what: 'wrong-magic' });
    }
  });

  test('[HS1] any ids survive the way', () => {
    const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytesToHex(bytes));
    fc.assert(
      fc.property(id, id, (peer, info) => {
        const handshake = parseHandshake(encodeHandshake(peer as PeerId, info as InfoHash));
        expect(handshake).toEqual({ kind: 'handshake', peerId: peer, infoHash: info });
      }),
    );
  });
});

describe('[WF3] what a header may claim', () => {
  /** Bodies, type byte included, that are just right, and those beside them. */
  const bodies: [FrameKind, number[], number[]][] = [
    ['request', [13], [0, 1, 12, 14]],
    ['piece', [13, 14, 13 + MAX_BLOCK_BYTES], [0, 1, 12, 14 + MAX_BLOCK_BYTES]],
    ['bitfield', [1, 2, 1 + MAX_PIECES / 8], [0, 2 + MAX_PIECES / 8]],
    ['have', [5, 9, 1 + 4 * MAX_HAVE_INDEXES], [0, 1, 4, 6, 7, 8, 5 + 4 * MAX_HAVE_INDEXES]],
    ['cancel', [13], [0, 1, 12, 14]],
    ['reject', [13], [0, 1, 12, 14]],
    ['metadata-request', [5], [0, 1, 4, 6]],
    ['metadata', [9, 10, 9 + METADATA_CHUNK_BYTES], [0, 1, 8, 10 + METADATA_CHUNK_BYTES]],
    ['choke', [1], [0, 2]],
    ['unchoke', [1], [0, 2]],
    ['capability', [1], [0, 2]],
  ];
  test.each(bodies)('[WF3] %s', (kind, right, wrong) => {
    for (const body of right) expect(judgeHeader(body, FRAME_TYPES[kind])).toMatchObject({ kind });
    for (const body of wrong) {
      expect(judgeHeader(body, FRAME_TYPES[kind]).kind, `a body of ${body}`).toBe('violation');
    }
  });

  test('[WF3] a frame of 4 GiB is refused by its first five bytes, whatever its type', () => {
    for (let type = 0; type < 256; type++) {
      expect(judgeHeader(0xffff_ffff, type)).toMatchObject({ kind: 'violation', what: 'frame-too-long' });
    }
  });

  test('[WF3] every type that is not in the vocabulary is a violation', () => {
    const known = new Set<number>(Object.values(FRAME_TYPES));
    for (let type = 0; type < 256; type++) {
      if (!known.has(type)) {
        expect(judgeHeader(1, type)).toMatchObject({ kind: 'violation', what: 'unknown-type' });
      }
    }
  });

  test('[WF5] a piece whose block length is not that of its data is a violation', () => {
    for (const claimed of [0, 4, 6, 0xffff_ffff]) {
      const bytes = encodePiece(2, 0, bytesOf('68656c6c6f'));
      new DataView(bytes.buffer).setUint32(13, claimed);
      expect(decodeWhole(bytes)).toMatchObject({ kind: 'violation', what: 'block-length' });
    }
  });
});
