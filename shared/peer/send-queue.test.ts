import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CUT_MESSAGE_BYTES, REFILL_BELOW_BYTES, SendQueue } from './send-queue.ts';

/** Buffers what it is given until it drains; says when the buffer falls to the mark, as a data channel does. */
class FakeChannel {
  readonly sent: Uint8Array[] = [];
  readonly messageSizes: number[] = [];
  bufferedAmount = 0;
  most = 0;
  readyState = 'open';
  onlow = (): void => undefined;

  send(message: ArrayBuffer): void {
    this.sent.push(new Uint8Array(message));
    this.messageSizes.push(message.byteLength);
    this.bufferedAmount += message.byteLength;
    this.most = Math.max(this.most, this.bufferedAmount);
  }

  drain(bytes: number): void {
    const before = this.bufferedAmount;
    this.bufferedAmount = Math.max(0, before - bytes);
    if (before > REFILL_BELOW_BYTES && this.bufferedAmount <= REFILL_BELOW_BYTES) this.onlow();
  }
}

function frame(size: number, fill: number): ArrayBuffer {
  return new Uint8Array(size).fill(fill).buffer;
}

describe('[PN2] [PN3] the send queue', () => {
  it('everything leaves in order, however large the frames are and however the channel drains', () => {
    const anything = fc.record({
      frames: fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 12 }),
      largest: fc.constantFrom(1_024, 16_384, CUT_MESSAGE_BYTES, 131_072, 262_144),
      drained: fc.integer({ min: 1, max: 100_000 }),
    });
    fc.assert(
      fc.property(anything, ({ frames, largest, drained }) => {
        const channel = new FakeChannel();
        const queue = new SendQueue(channel, largest);
        let given = 0;
        const pump = (): void => void (given += queue.pump());
        channel.onlow = pump;
        for (const [nth, size] of frames.entries()) {
          queue.push(frame(size, nth + 1));
          pump();
        }
        while (channel.bufferedAmount > 0) channel.drain(drained);
        const total = frames.reduce((sum, size) => sum + size, 0);
        const arrived = Buffer.concat(channel.sent);
        expect(given).toBe(total);
        expect(arrived.equals(Buffer.concat(frames.map((size, nth) => Buffer.alloc(size, nth + 1))))).toBe(
          true,
        );
        expect(Math.max(0, ...channel.messageSizes)).toBeLessThanOrEqual(largest);
        expect(channel.most).toBeLessThanOrEqual(REFILL_BELOW_BYTES + largest);
      }),
      { numRuns: 60 },
    );
  });

  it('a block with its header goes as one message where the other side takes it', () => {
    const channel = new FakeChannel();
    const queue = new SendQueue(channel, 262_144);
    queue.push(frame(65_549, 1));
    queue.pump();
    expect(channel.messageSizes).toEqual([65_549]);
  });

  it('a second message goes while the buffer is at the mark, however little is missing', () => {
    const channel = new FakeChannel();
    const queue = new SendQueue(channel, 262_144);
    queue.push(frame(65_549, 1));
    queue.push(frame(65_549, 2));
    queue.pump();
    channel.bufferedAmount = REFILL_BELOW_BYTES - 1;
    expect(queue.pump()).toBe(65_549);
  });

  it('waits with the rest of a cut frame, and says when nothing waits', () => {
    const channel = new FakeChannel();
    const queue = new SendQueue(channel, CUT_MESSAGE_BYTES);
    expect(queue.isEmpty).toBe(true);
    queue.push(frame(3 * CUT_MESSAGE_BYTES, 1));
    expect([queue.pump(), queue.isEmpty]).toEqual([2 * CUT_MESSAGE_BYTES, false]);
    expect([queue.pump(), channel.messageSizes.length]).toEqual([0, 2]);
    channel.drain(channel.bufferedAmount);
    expect([queue.pump(), queue.isEmpty]).toEqual([CUT_MESSAGE_BYTES, true]);
  });

  it('nothing is given to a channel that is not open', () => {
    const channel = new FakeChannel();
    channel.readyState = 'closing';
    const queue = new SendQueue(channel, 262_144);
    queue.push(frame(10, 1));
    expect(queue.pump()).toBe(0);
    expect(channel.sent).toEqual([]);
  });
});
