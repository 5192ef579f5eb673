import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Output } from '../engine/io.ts';
import { linkId } from '../ids.ts';
import { joinedSends } from './joined-sends.ts';
import { JOINED_MESSAGE_BYTES } from './limits.ts';

function send(link: number, ...bytes: number[]): Output {
  return { kind: 'send', link: linkId(link), bytes: Uint8Array.from(bytes) };
}

const serve: Output = { kind: 'serve-block', link: linkId(1), piece: 0, offset: 0, length: 9, sha256: '' };

const order = fc.oneof(
  fc
    .record({ link: fc.integer({ min: 1, max: 3 }), size: fc.constantFrom(1, 5, 21, 70_000) })
    .map(({ link, size }): Output => ({
      kind: 'send',
      link: linkId(link),
      bytes: new Uint8Array(size).fill(size % 251),
    })),
  fc.constant(serve),
  fc.constant<Output>({ kind: 'close-link', link: linkId(2), why: { kind: 'full' } }),
);

test('[WK7] small frames to one peer go as one message', () => {
  expect(joinedSends([send(1, 1), send(1, 2, 3), send(2, 4), serve, send(2, 5), send(2, 6)])).toEqual([
    send(1, 1, 2, 3),
    send(2, 4),
    serve,
    send(2, 5, 6),
  ]);
});

test('[WK7] every byte goes to its peer in its place, and only small messages are put together', () => {
  fc.assert(
    fc.property(fc.array(order, { maxLength: 30 }), (outputs) => {
      const joined = joinedSends(outputs);
      const flat = (all: readonly Output[]): string =>
        all
          .map((one) =>
            one.kind === 'send' ? Array.from(one.bytes, (byte) => `${one.link}:${byte}`).join() : one.kind,
          )
          .join();
      expect(flat(joined)).toBe(flat(outputs));
      for (const one of joined) {
        if (one.kind === 'send' && one.bytes.length > JOINED_MESSAGE_BYTES) expect(outputs).toContain(one);
      }
    }),
  );
});
