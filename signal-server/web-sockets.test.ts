import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../shared/random.ts';
import { noBus } from './bus.ts';
import { Connection } from './connection.ts';
import { MemoryRegistry } from './memory-registry.ts';
import type { Metrics } from './metrics.ts';
import { settled } from './testing/fakes.ts';
import { Tracker } from './tracker.ts';
import { WebSockets } from './web-sockets.ts';

const metrics: Metrics = {
  now: () => 0,
  begin: () => null,
  end: () => undefined,
  rejected: () => undefined,
  failed: () => undefined,
  text: () => Promise.resolve(''),
  contentType: '',
};

/** The network: what is pushed came from the client. */
class Network extends Duplex {
  readonly written: Buffer[] = [];

  override _read(): void {
    // The test pushes when it likes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, taken: () => void): void {
    this.written.push(chunk);
    taken();
  }

  /** The swarms of the refusals that were sent. */
  swarms(): string[] {
    const text = Buffer.concat(this.written).toString('latin1');
    return [...text.matchAll(/"swarm":"([0-9a-f]{64})"/g)].map(([, swarm]) => swarm?.slice(-4) ?? '');
  }
}

function house() {
  const network = new Network();
  const calls = { failed: 0 };
  const request = new IncomingMessage(new Socket());
  request.method = 'GET';
  Object.assign(request.headers, {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  });
  const tracker = new Tracker({
    registry: new MemoryRegistry('instance', seededRandom(1), () => 0),
    bus: noBus,
    directory: null,
  });
  const turns = { isFree: () => true, charge: () => undefined, of: () => undefined };
  const work = { pay: () => Promise.resolve(true) };
  const later = () => () => undefined;
  new WebSockets(1_000).accept(request, network, Buffer.alloc(0), {
    opened: (wire) =>
      new Connection(1, 'address', wire, { tracker, limits: null, work, turns, metrics, held: null, later }),
    ended: () => undefined,
    failed: () => void (calls.failed += 1),
  });
  return { network, calls };
}

function frame(payload: Buffer, first = 0x81): Buffer {
  const key = Buffer.from([0x1f, 0xa0, 0x07, 0xc3]);
  const header = Buffer.alloc(payload.length > 125 ? 4 : 2);
  header[0] = first;
  header[1] = 0x80 | (payload.length > 125 ? 126 : payload.length);
  if (payload.length > 125) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, key, Buffer.from(payload.map((byte, at) => byte ^ (key[at & 3] ?? 0)))]);
}

/** Answered with a refusal that names the swarm: this server keeps no directory. */
const asking = (serial: number) =>
  Buffer.from(
    JSON.stringify({
      type: 'unpublish',
      swarm: serial.toString(16).padStart(64, '0'),
      peerId: '0'.repeat(64),
    }),
  );
const inParts = (payload: Buffer) => [
  frame(payload.subarray(0, 20), 0x01),
  frame(Buffer.from('?'), 0x89),
  frame(payload.subarray(20, 50), 0x00),
  frame(payload.subarray(50), 0x80),
];

describe('[SV4] what comes over a socket', () => {
  const all = Buffer.concat([
    frame(asking(0xa1)),
    frame(asking(0xa2)),
    ...inParts(asking(0xa3)),
    frame(asking(0xa4)),
    frame(Buffer.from('!'), 0x89),
    frame(asking(0xa5)),
    frame(Buffer.from('é')),
    frame(asking(0xa6)),
  ]);

  test('is read in its order, wherever the network cuts it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(all.length), { maxLength: 8 }), async (places) => {
        const { network, calls } = house();
        const cuts = [0, ...places.sort((a, b) => a - b), all.length];
        for (const [at, from] of cuts.entries()) {
          const piece = Buffer.from(all.subarray(from, cuts[at + 1] ?? all.length));
          if (piece.length > 0) network.push(piece);
          await settled();
        }
        expect(network.swarms()).toEqual(['00a1', '00a2', '00a3', '00a4', '00a5', '00a6']);
        expect(calls.failed).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('a frame that stands between the parts of another message is a fault, in the same chunk or a later one', async () => {
    const [begin = Buffer.alloc(0)] = inParts(asking(0xb2));
    for (const pieces of [
      [frame(asking(0xb1)), Buffer.concat([begin, frame(asking(0xb3))])],
      [frame(asking(0xb1)), begin, frame(asking(0xb3))],
    ]) {
      const { network, calls } = house();
      for (const piece of pieces) {
        network.push(piece);
        while (network.swarms().length === 0) await settled();
      }
      while (calls.failed === 0) await settled();
      expect(network.swarms()).toEqual(['00b1']);
      expect(calls.failed).toBe(1);
    }
  });

  test('nothing is read behind a close', async () => {
    const { network } = house();
    const close = frame(Buffer.from([0x03, 0xe8]), 0x88);
    network.push(frame(asking(0xc1)));
    while (network.swarms().length === 0) await settled();
    network.push(Buffer.concat([close, frame(asking(0xc2))]));
    await settled();
    network.push(frame(asking(0xc3)));
    await settled();
    expect(network.swarms()).toEqual(['00c1']);
  });
});
