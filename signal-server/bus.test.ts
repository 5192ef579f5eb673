import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { infoHash } from '../shared/ids.ts';
import { MAX_SIGNAL_BYTES } from '../shared/limits.ts';
import { MAX_BUS_RECIPIENTS, busText, noBus, parseBusText } from './bus.ts';
import type { BusMessage } from './bus.ts';
import { hex, one, swarmA, two } from './testing/client.ts';
import { member } from './testing/registry.suite.ts';

const listing = { infoHash: infoHash(hex('f'))!, name: 'a', size: 1, files: 1 };

const messages: readonly BusMessage[] = [
  { kind: 'joined', swarm: swarmA, peerId: one, seed: true, to: [two] },
  { kind: 'joined', swarm: swarmA, peerId: one, seed: false, to: [] },
  {
    kind: 'left',
    swarm: swarmA,
    peerId: one,
    to: Array.from({ length: MAX_BUS_RECIPIENTS }, (_, at) => member(at)),
  },
  { kind: 'signal', swarm: swarmA, from: one, to: two, payload: '"π" \u0000\n' },
  { kind: 'undelivered', swarm: swarmA, from: one, to: two },
  { kind: 'still-held', swarm: swarmA, peerId: one, question: 1 },
  { kind: 'held', question: 1, alive: false },
  { kind: 'listed', swarm: swarmA, peerId: one, listing: { ...listing, comment: 'c' } },
  { kind: 'unlisted', swarm: swarmA, peerId: one },
  { kind: 'list-all' },
  { kind: 'taken', swarm: swarmA, peerId: one },
];

describe('[SV13] what instances say to each other', () => {
  test.each(messages)('$kind is read as it was written', (message) => {
    expect(parseBusText(busText('here', message))).toEqual({ from: 'here', message });
  });

  const spoiled: readonly [string, unknown][] = [
    ['an unknown kind', { kind: 'shutdown' }],
    ['no kind', { swarm: swarmA }],
    ['a swarm that is none', { kind: 'unlisted', swarm: 'x', peerId: one }],
    ['an id in upper case', { kind: 'unlisted', swarm: hex('A'), peerId: one }],
    ['a recipient that is none', { kind: 'left', swarm: swarmA, peerId: one, to: [one, 'x'] }],
    [
      'too many recipients',
      { ...messages[2], to: Array.from({ length: MAX_BUS_RECIPIENTS + 1 }, () => one) },
    ],
    ['a payload that no tracker takes', { ...messages[3], payload: 'x'.repeat(MAX_SIGNAL_BYTES + 1) }],
    ['a seed that is no yes or no', { ...messages[0], seed: 1 }],
    ['an answer without a question', { kind: 'held', alive: true }],
    ['a listing with a path for a name', { ...messages[7], listing: { ...listing, name: '../x' } }],
    ['a listing of a negative size', { ...messages[7], listing: { ...listing, size: -1 } }],
    ['no message', null],
  ];

  test.each(spoiled)('%s is not understood', (_what, message) => {
    expect(parseBusText(JSON.stringify({ from: 'here', message }))).toBeNull();
  });

  test('nobody speaks without a name, or with one that is no instance’s', () => {
    for (const from of [undefined, 1, 'x'.repeat(65)]) {
      expect(parseBusText(JSON.stringify({ from, message: { kind: 'list-all' } }))).toBeNull();
    }
  });

  test('garbage is nothing, and never an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseBusText(text)).toBeNull();
      }),
    );
  });

  test('a text with one character changed is nothing, or a message of the same shape', () => {
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.nat(), fc.string({ maxLength: 1 }), (message, at, put) => {
        const text = busText('here', message);
        const place = at % text.length;
        const parsed = parseBusText(text.slice(0, place) + put + text.slice(place + 1));
        if (parsed !== null) expect(parseBusText(busText(parsed.from, parsed.message))).toEqual(parsed);
      }),
      { numRuns: 500 },
    );
  });
});

test('[SV13] alone, nobody is reached', () => {
  const heard: unknown[] = [];
  noBus.listen((...what) => void heard.push(what));
  expect(noBus.send('somebody', { kind: 'list-all' })).toBe(false);
  expect(heard).toEqual([]);
});
