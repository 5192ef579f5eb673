import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameMeter, PART_COST_BYTES } from './frame-meter.ts';

interface Frame {
  opcode: number;
  fin: boolean;
  length: number;
  masked: boolean;
}

function bytesOf({ opcode, fin, length, masked }: Frame): Buffer {
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const header = Buffer.alloc(2 + size + (masked ? 4 : 0), 0xff);
  header[0] = (fin ? 0x80 : 0) | opcode;
  header[1] = (masked ? 0x80 : 0) | (size === 0 ? length : size === 2 ? 126 : 127);
  if (size === 2) header.writeUInt16BE(length, 2);
  if (size === 8) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, Buffer.alloc(length, 0x55)]);
}

const text = (length: number, fin = true) => bytesOf({ opcode: 1, fin, length, masked: true });
const more = (length: number, fin = false) => bytesOf({ opcode: 0, fin, length, masked: true });
const ping = bytesOf({ opcode: 9, fin: true, length: 3, masked: true });

describe('[SV4] what unfinished messages cost', () => {
  test('nothing between messages, the whole chunk within one', () => {
    const meter = new FrameMeter();
    meter.read(Buffer.concat([text(10), text(200), text(70_000), ping, text(0)]));
    expect(meter.heldBytes).toBe(0);
    const [chunk, rest] = [Buffer.concat([text(1_000), text(10)]), Buffer.alloc(1)];
    meter.read(chunk.subarray(0, -1));
    expect(meter.heldBytes).toBe(chunk.length - 1 + 3 * PART_COST_BYTES);
    meter.read(rest);
    expect(meter.heldBytes).toBe(0);
  });

  test('tiny fragments and tiny chunks cost too, whatever comes between them', () => {
    const meter = new FrameMeter();
    meter.read(text(1, false));
    for (let serial = 0; serial < 100; serial++) meter.read(more(0));
    expect(meter.heldBytes).toBeGreaterThan(100 * PART_COST_BYTES);
    const before = meter.heldBytes;
    meter.read(ping);
    expect(meter.heldBytes).toBeGreaterThan(before);
    meter.read(more(1, true));
    expect(meter.heldBytes).toBe(0);
    const frame = text(5_000);
    for (const byte of frame.subarray(0, -1)) meter.read(Buffer.of(byte));
    expect(meter.heldBytes).toBeGreaterThan(5_000 * PART_COST_BYTES);
  });

  test('so many frames are read of a chunk and no more, and the rest as if it had come by itself', () => {
    const meter = new FrameMeter();
    const chunk = Buffer.concat([text(5), ping, text(300, false), more(7), text(9)]);
    const two = text(5).length + ping.length;
    expect(meter.read(chunk, 2)).toBe(two);
    expect(meter.heldBytes).toBe(0);
    const rest = chunk.subarray(two);
    expect(meter.read(rest, 1)).toBe(text(300).length);
    expect(meter.heldBytes).toBe(text(300).length + 2 * PART_COST_BYTES);
    expect(meter.read(rest.subarray(text(300).length), 100)).toBe(rest.length - text(300).length);
    expect(meter.read(Buffer.of())).toBe(0);
  });

  test('each message has a number of its own', () => {
    const meter = new FrameMeter();
    meter.read(text(5, false));
    const first = meter.begun;
    meter.read(Buffer.concat([ping, more(5)]));
    expect(meter.begun).toBe(first);
    meter.read(Buffer.concat([more(5, true), text(5, false)]));
    expect(meter.begun).not.toBe(first);
    expect(meter.heldBytes).toBeGreaterThan(0);
  });

  const message = fc
    .record({
      lengths: fc.array(fc.oneof(fc.nat(200), fc.constantFrom(125, 126, 65_535, 65_536)), {
        minLength: 1,
        maxLength: 4,
      }),
      masked: fc.boolean(),
      pings: fc.boolean(),
    })
    .map(({ lengths, masked, pings }) =>
      Buffer.concat(
        lengths.flatMap((length, at) => [
          bytesOf({ opcode: at === 0 ? 1 : 0, fin: at === lengths.length - 1, length, masked }),
          ...(pings && at < lengths.length - 1 ? [ping] : []),
        ]),
      ),
    );

  test('however the network cuts them, it knows where messages end', () => {
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 40_000 })),
        (messages, cuts) => {
          const meter = new FrameMeter();
          const ends = new Set<number>();
          let end = 0;
          for (const { length } of messages) ends.add((end += length));
          const all = Buffer.concat(messages);
          for (let at = 0; at < all.length;) {
            const { value: step } = cuts.next();
            const next = Math.min(all.length, at + Number(step));
            meter.read(all.subarray(at, next));
            at = next;
            expect(meter.heldBytes === 0).toBe(ends.has(at));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('any bytes at all are read to their end', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (chunks) => {
        const meter = new FrameMeter();
        for (const chunk of chunks) meter.read(chunk);
        expect(meter.heldBytes).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
