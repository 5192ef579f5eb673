/** A stream cut anywhere says what it says whole; nothing makes the decoder throw or take more than it was given. */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { InfoHash, PeerId } from '../ids.ts';
import { MAX_FRAME_BODY_BYTES } from '../limits.ts';
import { encodeFrame, encodeHandshake, encodePiece } from './codec.ts';
import type { Frame } from './frames.ts';
import { StreamDecoder } from './stream-decoder.ts';
import type { Received } from './stream-decoder.ts';
import { anyFrame } from './testing/arbitrary.ts';

const HANDSHAKE = encodeHandshake('1'.repeat(64) as PeerId, '2'.repeat(64) as InfoHash);

/** One of each kind, and borders: no data, one byte, more than one chunk. */
const EVERY_KIND: Frame[] = [
  { kind: 'capability' },
  { kind: 'bitfield', bits: Uint8Array.of(0x90, 0x40) },
  { kind: 'bitfield', bits: new Uint8Array(0) },
  { kind: 'request', piece: 1, offset: 2, length: 3 },
  { kind: 'piece', piece: 0, offset: 0, data: new Uint8Array(0) },
  { kind: 'piece', piece: 1, offset: 65_536, data: Uint8Array.from({ length: 61 }, (_, at) => at) },
  { kind: 'have', pieces: [0, 1, 0xffff_ffff] },
  { kind: 'cancel', piece: 1, offset: 2, length: 3 },
  { kind: 'reject', piece: 1, offset: 2, length: 3 },
  { kind: 'metadata-request', offset: 65_536 },
  { kind: 'metadata', total: 9, offset: 0, data: Uint8Array.of(1, 2, 3) },
  { kind: 'choke' },
  { kind: 'unchoke' },
];

function joined(parts: readonly Uint8Array[]): Uint8Array {
  // Not a Buffer: its `slice` is a view.
  return Uint8Array.from(Buffer.concat(parts));
}

function hexBytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** Copies what is a view: it is good until the next call alone. */
function kept(received: Received): Received {
  if ('data' in received) return { ...received, data: received.data.slice() };
  return 'bits' in received ? { ...received, bits: received.bits.slice() } : received;
}

/** All that the chunks say; ends with the violation if there is one. */
function decoded(decoder: StreamDecoder, chunks: Iterable<Uint8Array>): Received[] {
  const all: Received[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let one = decoder.next(); one !== null; one = decoder.next()) {
      all.push(kept(one));
      if (one.kind === 'violation') return all;
    }
  }
  return all;
}

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [...new Set(places.filter((at) => at > 0 && at < bytes.length))].sort((a, b) => a - b);
  return [0, ...sorted].map((from, nth) => bytes.slice(from, sorted[nth] ?? bytes.length));
}

describe('[WF2] a stream cut anywhere', () => {
  const stream = joined([HANDSHAKE, ...EVERY_KIND.map((frame) => encodeFrame(frame))]);
  const whole = decoded(new StreamDecoder(), [stream]);

  test('[WF2] whole, it is the handshake and then the frames', () => {
    expect(whole[0]).toEqual({ kind: 'handshake', peerId: '1'.repeat(64), infoHash: '2'.repeat(64) });
    expect(whole.slice(1)).toEqual(EVERY_KIND);
  });

  test('[WF2] cut at every byte it says the same', () => {
    expect(decoded(new StreamDecoder(), cutAt(stream, [...stream.keys()]))).toEqual(whole);
  });

  test('[WF2] cut once, at each place, it says the same, and nothing too early', () => {
    for (let at = 1; at < stream.length; at++) {
      const decoder = new StreamDecoder();
      const first = decoded(decoder, [stream.slice(0, at)]);
      expect(whole.slice(0, first.length)).toEqual(first);
      expect([...first, ...decoded(decoder, [stream.slice(at)])], `cut at ${at}`).toEqual(whole);
    }
  });

  test('[WF2] any frames cut at any places say the same', () => {
    const places = fc.array(fc.nat({ max: 4_000 }), { maxLength: 40 });
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 12 }), places, (frames, cuts) => {
        const bytes = joined([HANDSHAKE, ...frames.map((frame) => encodeFrame(frame))]);
        const heard = decoded(new StreamDecoder(), cutAt(bytes, cuts));
        expect(heard.slice(1)).toEqual(frames);
      }),
    );
  });

  test('[WF2] empty chunks change nothing', () => {
    const chunks = cutAt(stream, [3, 80, 90]).flatMap((chunk) => [new Uint8Array(0), chunk]);
    expect(decoded(new StreamDecoder(), chunks)).toEqual(whole);
  });

  test('[WF2] a handshake that was read elsewhere is not waited for', () => {
    expect(decoded(StreamDecoder.afterHandshake(), [stream.slice(75)])).toEqual(EVERY_KIND);
  });
});

describe('[WF2] zero-copy', () => {
  test('[WF2] the data of a piece that came whole is a view into the chunk', () => {
    const first = encodePiece(0, 0, new Uint8Array(70_000).fill(1));
    const second = encodePiece(0, 70_000, new Uint8Array(5).fill(2));
    const chunk = joined([first, second]);
    const decoder = StreamDecoder.afterHandshake();
    decoder.push(chunk);
    for (const expected of [70_000, 5]) {
      const frame = decoder.next();
      if (frame?.kind !== 'piece') throw new Error('a piece');
      expect(frame.data.buffer).toBe(chunk.buffer);
      expect(frame.data.length).toBe(expected);
    }
  });

  test('[WF2] a frame that begins in a chunk with others before it is a view, too', () => {
    const chunk = joined([encodeFrame({ kind: 'unchoke' }), encodePiece(3, 0, new Uint8Array(9))]);
    const cut = encodeFrame({ kind: 'have', pieces: [1] });
    const decoder = StreamDecoder.afterHandshake();
    expect(decoded(decoder, [cut.subarray(0, 6)])).toEqual([]);
    decoder.push(joined([cut.subarray(6), chunk]));
    expect(decoder.next()).toEqual({ kind: 'have', pieces: [1] });
    expect(decoder.next()).toEqual({ kind: 'unchoke' });
    const frame = decoder.next();
    expect(frame?.kind === 'piece' && frame.data.byteOffset).toBeGreaterThan(0);
  });
});

describe('[WF3] bounded', () => {
  const platform = globalThis.Uint8Array;
  afterEach(() => {
    globalThis.Uint8Array = platform;
  });

  /** How many bytes of new buffers the action asks for, and the largest of them. */
  function allocations(action: () => void): { total: number; largest: number } {
    const sizes: number[] = [0];
    globalThis.Uint8Array = new Proxy(platform, {
      construct(target, args: [number], newTarget) {
        if (typeof args[0] === 'number') sizes.push(args[0]);
        return Reflect.construct(
          target,
          args,
          newTarget === globalThis.Uint8Array ? target : newTarget,
        ) as object;
      },
    });
    action();
    globalThis.Uint8Array = platform;
    return { total: sizes.reduce((sum, size) => sum + size, 0), largest: Math.max(...sizes) };
  }

  test('[WF3] memory grows with what came, not with what a length claims', () => {
    const header = new platform(17);
    new DataView(header.buffer).setUint32(0, MAX_FRAME_BODY_BYTES);
    header[4] = 0x02;
    new DataView(header.buffer).setUint32(13, MAX_FRAME_BODY_BYTES - 13);
    const decoder = StreamDecoder.afterHandshake();
    const single = new platform(1);
    let came = 0;
    const feed = (chunk: Uint8Array) => {
      decoder.push(chunk);
      expect(decoder.next()).toBeNull();
      came += chunk.length;
    };
    for (const byte of header) {
      const { largest } = allocations(() => feed(platform.of(byte)));
      expect(largest).toBeLessThanOrEqual(Math.max(16, 2 * came));
    }
    let total = 0;
    while (came < 40_000) {
      const asked = allocations(() => {
        decoder.push(single);
        decoder.next();
      });
      came++;
      total += asked.total;
      if (asked.largest > 2 * came) throw new Error(`${asked.largest} bytes were taken for ${came}`);
    }
    // Doubling: all buffers together are a few times what came, not its square.
    expect(total).toBeLessThan(8 * came);
  });

  test('[WF3] the largest frame there is arrives byte by byte', () => {
    const data = Uint8Array.from({ length: 1_000_000 }, (_, at) => at % 251);
    const bytes = encodePiece(9, 0, data);
    const decoder = StreamDecoder.afterHandshake();
    for (let at = 0; at < bytes.length - 1; at++) {
      decoder.push(bytes.subarray(at, at + 1));
      if (decoder.next() !== null) throw new Error(`a frame after ${at + 1} bytes`);
    }
    decoder.push(bytes.subarray(bytes.length - 1));
    const frame = decoder.next();
    expect(frame?.kind === 'piece' && Buffer.compare(frame.data, data)).toBe(0);
  });

  test.each([
    ['a frame of 4 GiB', 'ffffffff02', 'frame-too-long'],
    ['one byte more than the largest', '000f424e02', 'frame-too-long'],
    ['an unknown type', '0000000104', 'unknown-type'],
    ["BitTorrent's keep-alive", '0000000001', 'frame-length'],
    ['a request that is too short', '0000000c01', 'frame-length'],
    ['a have of half an index', '0000000710', 'frame-length'],
  ])('[WF3] %s is a violation as soon as five bytes are here', (_what, bytes, kind) => {
    const decoder = StreamDecoder.afterHandshake();
    const five = hexBytes(bytes);
    expect(decoded(decoder, [five.subarray(0, 4)])).toEqual([]);
    expect(decoded(decoder, [five.subarray(4)])).toMatchObject([{ kind: 'violation', what: kind }]);
  });
});

describe('[WF2] total', () => {
  test('[WF2] any bytes in any chunks have a value, and never an exception', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.boolean(), chunks, (greeted, parts) => {
        const decoder = greeted ? StreamDecoder.afterHandshake() : new StreamDecoder();
        decoded(decoder, parts);
      }),
      { numRuns: 500 },
    );
  });

  test('[WF2] frames with a byte changed have a value, and never an exception', () => {
    const change = fc.record({ at: fc.nat(), to: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(fc.array(anyFrame, { minLength: 1, maxLength: 4 }), change, (frames, { at, to }) => {
        const bytes = joined(frames.map((frame) => encodeFrame(frame))).slice();
        bytes[at % bytes.length] = to;
        const inOne = decoded(StreamDecoder.afterHandshake(), [bytes]);
        const inBytes = decoded(StreamDecoder.afterHandshake(), cutAt(bytes, [...bytes.keys()]));
        expect(inBytes).toEqual(inOne);
      }),
      { numRuns: 500 },
    );
  });

  test('[WF2] after a violation it is dead and says the same again', () => {
    const decoder = StreamDecoder.afterHandshake();
    const [bad] = decoded(decoder, [hexBytes('0000000104')]);
    expect(bad).toMatchObject({ kind: 'violation', what: 'unknown-type' });
    decoder.push(encodeFrame({ kind: 'unchoke' }));
    expect(decoder.next()).toEqual(bad);
    expect(decoder.next()).toEqual(bad);
  });

  test('[WF2] a frame after a good one in the same chunk is judged when it is its turn', () => {
    const bytes = joined([encodeFrame({ kind: 'unchoke' }), hexBytes('0000000104')]);
    expect(decoded(StreamDecoder.afterHandshake(), [bytes]).map((one) => one.kind)).toEqual([
      'unchoke',
      'violation',
    ]);
  });
});
