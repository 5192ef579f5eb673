import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientText, parseClientMessage } from './messages.ts';
import { parsePlainAnnounce } from './plain-announce.ts';

const id = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
const announce = fc.record({
  type: fc.constant('announce' as const),
  swarm: id,
  peerId: id,
  event: fc.constantFrom('started', 'update', 'completed', 'stopped'),
  left: fc.oneof(fc.constant(null), fc.maxSafeNat()),
  want: fc.oneof(fc.nat(60), fc.maxSafeNat()),
});

/** What the schema alone says: white space in front makes it a text that is not plain, and the same JSON. */
const bySchema = (text: string) => parseClientMessage(` ${text}`);

describe('[TR1] [TR3] a plain announce', () => {
  test('is what the page writes', () => {
    const [swarm, peerId] = ['a'.repeat(64), 'b'.repeat(64)];
    const text = `{"type":"announce","swarm":"${swarm}","peerId":"${peerId}","event":"update","left":1000,"want":70}`;
    expect(parsePlainAnnounce(text)).toEqual({
      type: 'announce',
      swarm,
      peerId,
      event: 'update',
      left: 1000,
      want: 50,
    });
  });

  test('is read as the schema reads it, and left to the schema from 2^53 and sixteen digits on', () => {
    fc.assert(
      fc.property(announce, (message) => {
        const text = JSON.stringify(message);
        const plain = parsePlainAnnounce(text);
        if (Math.max(message.left ?? 0, message.want) < 1e15) expect(plain).not.toBeNull();
        if (plain !== null) expect(plain).toEqual(bySchema(text));
        expect(parseClientMessage(text)).toEqual(bySchema(text));
      }),
      { numRuns: 500 },
    );
  });

  test('whatever else is changed in its text: what is accepted is what the schema makes of it', () => {
    const noise = fc.oneof(
      fc.constantFrom(
        '0',
        '-',
        '.',
        'e',
        '"',
        ',',
        ':',
        '{',
        '}',
        ' ',
        '\n',
        '\\u0061',
        'A',
        'null',
        'true',
        '00',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.json({ maxDepth: 1 }),
    );
    const cut = fc.record({ at: fc.nat(260), out: fc.nat(5), put: noise });
    fc.assert(
      fc.property(announce, fc.array(cut, { maxLength: 2 }), (message, cuts) => {
        let text = JSON.stringify(message);
        for (const { at, out, put } of cuts) text = text.slice(0, at) + put + text.slice(at + out);
        const plain = parsePlainAnnounce(text);
        if (plain !== null) expect(plain).toEqual(bySchema(text));
        expect(parseClientMessage(text)).toEqual(bySchema(text));
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    '"left":01',
    '"left":-0',
    '"left":1e3',
    '"left":1.0',
    '"left":9007199254740992',
    '"left":"7"',
    '"left":undefined',
    '"left":7,"left":"8"',
  ])('one with %s is for the schema to judge', (left) => {
    const text = clientText({
      type: 'announce',
      swarm: 'a'.repeat(64) as never,
      peerId: 'b'.repeat(64) as never,
      event: 'update',
      left: 7,
      want: 5,
    }).replace('"left":7', left);
    expect(parsePlainAnnounce(text)).toBeNull();
    expect(parseClientMessage(text)).toEqual(bySchema(text));
  });
});
