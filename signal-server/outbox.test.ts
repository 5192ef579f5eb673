import { Duplex, PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlushQueue, FrameWriter, frameOf } from './outbox.ts';
import { settled } from './testing/fakes.ts';

/** RFC 6455, section 5.2, as slow and obvious as can be. */
function textsIn(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    expect(bytes[at]).toBe(0x81);
    const short = bytes[at + 1] ?? 0;
    const [length, header] =
      short < 126
        ? [short, 2]
        : short === 126
          ? [bytes.readUInt16BE(at + 2), 4]
          : [Number(bytes.readBigUInt64BE(at + 2)), 10];
    texts.push(bytes.toString('utf8', at + header, at + header + length));
    at += header + length;
  }
  return texts;
}

/** Remembers each write; takes none of it from its buffer while it is stuck. */
class FakeNetwork extends Duplex {
  readonly writes: Buffer[] = [];
  stuck = false;

  override _write(chunk: Buffer, _encoding: BufferEncoding, taken: () => void): void {
    this.writes.push(chunk);
    if (!this.stuck) taken();
  }

  texts(): string[] {
    return textsIn(Buffer.concat(this.writes));
  }
}

function writer(queue = new FlushQueue()) {
  const network = new FakeNetwork();
  const life = { open: true };
  return { network, life, frames: new FrameWriter(network, queue, () => life.open) };
}

describe('frames', () => {
  test('[SV4] a frame of every length class is read back as it was written', () => {
    for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]) {
      const text = 'x'.repeat(length);
      expect(textsIn(Buffer.from(frameOf(text), 'latin1'))).toEqual([text]);
    }
  });

  test('[SV4] the length counts bytes, where characters take several', () => {
    for (const text of ['é'.repeat(63), '🐟'.repeat(32), `${'x'.repeat(65_534)}é`, 'ÿ']) {
      expect(textsIn(Buffer.from(frameOf(text), 'latin1'))).toEqual([text]);
    }
  });

  test('[SV4] any texts, gathered over one turn, arrive one by one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 8 }),
        async (texts) => {
          const socket = new PassThrough();
          const frames = new FrameWriter(socket, new FlushQueue(), () => true);
          for (const text of texts) frames.send(text);
          expect(frames.bufferedBytes).toBeGreaterThan(0);
          await settled();
          const bytes: unknown = socket.read();
          expect(textsIn(Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0))).toEqual(texts);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('[SV4] writing at the end of a turn', () => {
  test('costs one write for each socket, however many texts', async () => {
    const queue = new FlushQueue();
    const [a, b] = [writer(queue), writer(queue)];
    for (const text of ['1', '2', '3']) {
      a.frames.send(`a${text}`);
      b.frames.send(`b${text}`);
    }
    expect([a.network.writes, b.network.writes]).toEqual([[], []]);
    await settled();
    expect([a.network.writes.length, b.network.writes.length]).toEqual([1, 1]);
    expect(a.network.texts()).toEqual(['a1', 'a2', 'a3']);
    expect(b.network.texts()).toEqual(['b1', 'b2', 'b3']);
    a.frames.send('a4');
    await settled();
    expect(a.network.texts()).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(b.network.writes.length).toBe(1);
  });

  test('does not wait where somebody is to hear at once, and keeps the order', async () => {
    const { network, frames } = writer();
    frames.send('answer');
    frames.flush();
    expect(network.texts()).toEqual(['answer']);
    frames.send('push');
    expect(network.texts()).toEqual(['answer']);
    await settled();
    expect(network.texts()).toEqual(['answer', 'push']);
    frames.flush();
    expect(network.writes.length).toBe(2);
  });

  test('takes what is sent while others are being written into the next turn', async () => {
    const queue = new FlushQueue();
    const [first, second] = [writer(queue), writer(queue)];
    const write = first.network._write.bind(first.network);
    first.network._write = (...what) => {
      second.frames.send('caused by the write');
      write(...what);
    };
    first.frames.send('a');
    await settled();
    await settled();
    expect(second.network.texts()).toEqual(['caused by the write']);
  });

  test('writes nothing to a socket that is closing, and forgets what was meant for it', async () => {
    const { network, life, frames } = writer();
    frames.send('late');
    life.open = false;
    await settled();
    expect(network.writes).toEqual([]);
    expect(frames.bufferedBytes).toBe(0);
  });
});

test('[SV4] what a slow reader has not taken is counted, before and after it was written', async () => {
  const { network, frames } = writer();
  network.stuck = true;
  frames.send('x'.repeat(100));
  expect(frames.bufferedBytes).toBe(102);
  await settled();
  frames.send('y'.repeat(200));
  expect(frames.bufferedBytes).toBe(102 + 204);
  await settled();
  expect(frames.bufferedBytes).toBe(102 + 204);
});
