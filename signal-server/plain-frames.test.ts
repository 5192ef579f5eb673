import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { RawData } from 'ws';
import { PlainFrames } from './plain-frames.ts';
import { settled } from './testing/fakes.ts';

/** A masked frame (RFC 6455, section 5.2), with its first byte at wish. */
function frame(payload: Buffer, first = 0x81, key = Buffer.from([0x1f, 0xa0, 0x07, 0xc3])): Buffer {
  const long = payload.length > 125;
  const header = Buffer.alloc(long ? 4 : 2);
  header[0] = first;
  header[1] = 0x80 | (long ? 126 : payload.length);
  if (long) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, key, Buffer.from(payload.map((byte, at) => byte ^ (key[at & 3] ?? 0)))]);
}

/** The frames at the beginning of what came, and what is left for `ws`. */
function read(bytes: Buffer): { texts: string[]; rest: Buffer } {
  const frames = new PlainFrames();
  const chunk = Buffer.from(bytes);
  const texts: string[] = [];
  let at = 0;
  while (at < chunk.length && frames.read(chunk, at)) {
    texts.push(frames.text);
    at = frames.end;
  }
  return { texts, rest: chunk.subarray(at) };
}

/** What `ws` alone hears, and whether it found fault with something. */
async function byWs(bytes: Buffer): Promise<{ heard: string[]; failed: boolean }> {
  const heard: string[] = [];
  const state = { failed: false };
  const network = new Duplex({ read: () => undefined, write: (_chunk, _encoding, taken) => taken() });
  const request = new IncomingMessage(new Socket());
  request.method = 'GET';
  Object.assign(request.headers, {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  });
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.handleUpgrade(request, network, Buffer.alloc(0), (webSocket) => {
    const hear = (what: string) => (data: RawData) => void heard.push(`${what} ${String(data)}`);
    webSocket.on('message', (data, isBinary) => hear(isBinary ? 'binary' : 'text')(data));
    webSocket.on('ping', hear('ping'));
    webSocket.on('pong', hear('pong'));
    webSocket.on('error', () => (state.failed = true));
  });
  if (bytes.length > 0) network.push(Buffer.from(bytes));
  await settled();
  return { heard, failed: state.failed };
}

describe('[SV4] plain frames', () => {
  test('are read at every length class, masked by anything', () => {
    for (const length of [0, 1, 125, 126, 127, 300, 65_535]) {
      const text = 'x'.repeat(length);
      expect(read(frame(Buffer.from(text)))).toEqual({ texts: [text], rest: Buffer.alloc(0) });
      expect(read(frame(Buffer.from(text), 0x81, Buffer.alloc(4))).texts).toEqual([text]);
    }
    expect(read(frame(Buffer.from('é🐟'))).texts).toEqual(['é🐟']);
  });

  test('one that is cut off anywhere is left as it came', () => {
    const whole = frame(Buffer.from('é'.repeat(100)));
    for (let end = 0; end < whole.length; end++) {
      const cut = whole.subarray(0, end);
      expect(read(cut)).toEqual({ texts: [], rest: cut });
    }
  });

  test.each([
    ['binary', 0x82],
    ['a ping', 0x89],
    ['a close', 0x88],
    ['the beginning of a fragmented message', 0x01],
    ['a later fragment', 0x80],
    ['compressed', 0xc1],
    ['of a reserved bit', 0x91],
  ])('%s is left as it came', (_what, first) => {
    const other = frame(Buffer.from('ab'), first);
    const plain = frame(Buffer.from('text'));
    expect(read(Buffer.concat([plain, other, plain]))).toEqual({
      texts: ['text'],
      rest: Buffer.concat([other, plain]),
    });
  });

  test('what is not masked, or no UTF-8, is left as it came', () => {
    const unmasked = Buffer.from([0x81, 2, 0x61, 0x62]);
    expect(read(unmasked)).toEqual({ texts: [], rest: unmasked });
    const broken = frame(Buffer.from([0x61, 0xff, 0x62]));
    expect(read(broken)).toEqual({ texts: [], rest: broken });
  });

  test('any frames, cut anywhere: with the rest read by ws, the same as ws alone', async () => {
    const one = fc
      .record({
        payload: fc.oneof(
          fc.uint8Array({ maxLength: 10 }),
          fc.string({ unit: 'binary', maxLength: 200 }).map((text) => new TextEncoder().encode(text)),
        ),
        first: fc.oneof({ weight: 4, arbitrary: fc.constant(0x81) }, fc.nat(255)),
        key: fc.uint8Array({ minLength: 4, maxLength: 4 }),
      })
      .map(({ payload, first, key }) => frame(Buffer.from(payload), first, Buffer.from(key)));
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 5 }), fc.nat(20), async (frames, cut) => {
        const all = Buffer.concat(frames);
        const bytes = all.subarray(0, Math.max(0, all.length - cut));
        const { texts, rest } = read(bytes);
        const { heard, failed } = await byWs(rest);
        expect({ heard: [...texts.map((text) => `text ${text}`), ...heard], failed }).toEqual(
          await byWs(bytes),
        );
      }),
      { numRuns: 200 },
    );
  });
});
