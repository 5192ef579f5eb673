import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_SIGNAL_BYTES } from '../limits.ts';
import { utf8Length } from '../utf8.ts';
import { parseSignals, parseSubflowSignals, signalTexts } from './signals.ts';
import type { Signal } from './signals.ts';

const NAME = '0123456789abcdef';
const offer: Signal = { type: 'offer', sdp: 'v=0' };
const candidate: Signal = {
  type: 'candidate',
  candidate: { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 },
};

const payload = (signals: unknown, attempt: unknown = NAME): string => JSON.stringify({ attempt, signals });

/** What a page of ours could have to say. */
const anySignal: fc.Arbitrary<Signal> = fc.oneof(
  fc.record({
    type: fc.constantFrom('offer' as const, 'answer' as const),
    sdp: fc.string({ unit: 'grapheme', maxLength: 300 }),
  }),
  fc.record({
    type: fc.constant('candidate' as const),
    candidate: fc.oneof(
      fc.record({
        candidate: fc.string({ maxLength: 200 }),
        sdpMid: fc.option(fc.string({ maxLength: 10 })),
        sdpMLineIndex: fc.nat(64),
      }),
      fc.record({
        candidate: fc.string({ maxLength: 200 }),
        sdpMid: fc.string({ maxLength: 10 }),
        sdpMLineIndex: fc.constant(null),
      }),
    ),
  }),
);

describe('what is said of a further connection', () => {
  const names = { beside: NAME, subflow: 'fedcba9876543210' };

  test('[PN14] names the one beside which it is made, and is no attempt to who knows none', () => {
    const [text = ''] = signalTexts(names, [offer, candidate]);
    expect(parseSubflowSignals(text)).toEqual({ ...names, signals: [offer, candidate] });
    expect(parseSignals(text)).toBeNull();
  });

  test.each([
    ['an attempt', payload([offer])],
    ['no name', JSON.stringify({ beside: NAME, signals: [offer] })],
    ['a name of another kind', JSON.stringify({ ...names, beside: 'x', signals: [] })],
    ['a signal of another kind', JSON.stringify({ ...names, signals: [{ type: 'renegotiate' }] })],
    ['more than is read', JSON.stringify({ ...names, signals: Array(34).fill(candidate) })],
    ['no JSON', '{'],
  ])('[PN14] is not %s', (_, text) => {
    expect(parseSubflowSignals(text)).toBeNull();
  });
});

describe('what a stranger says', () => {
  test('[PN4] offers, answers and candidates of a named attempt are taken', () => {
    const signals = [offer, { type: 'answer', sdp: '' }, candidate] as Signal[];
    expect(parseSignals(payload(signals))).toEqual({ attempt: NAME, signals });
    expect(parseSignals(payload([]))).toEqual({ attempt: NAME, signals: [] });
  });

  test('[PN4] only what is named goes on', () => {
    const dressed = {
      ...candidate,
      renegotiate: true,
      candidate: { ...candidate.candidate, usernameFragment: 'x' },
    };
    expect(parseSignals(payload([{ ...offer, transceiverRequest: {} }, dressed]))).toEqual({
      attempt: NAME,
      signals: [offer, candidate],
    });
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '7'],
    ['nothing', ''],
    ['null', 'null'],
    ['no attempt', JSON.stringify({ signals: [offer] })],
    ['a short name', payload([offer], NAME.slice(1))],
    ['capitals in the name', payload([offer], NAME.toUpperCase())],
    ['a line behind the name', payload([offer], `${NAME}\n`)],
    ['no list', payload(offer)],
    ['a renegotiation', payload([{ type: 'renegotiate', renegotiate: true }])],
    ['a request for media', payload([{ type: 'transceiverRequest', transceiverRequest: { kind: 'audio' } }])],
    ['one bad signal among good ones', payload([offer, { type: 'answer' }, candidate])],
    ['a candidate that is a text', payload([{ type: 'candidate', candidate: 'candidate:1' }])],
    [
      'a line index below 0',
      payload([{ ...candidate, candidate: { ...candidate.candidate, sdpMLineIndex: -1 } }]),
    ],
    [
      'a line index that is not whole',
      payload([{ ...candidate, candidate: { ...candidate.candidate, sdpMLineIndex: 0.5 } }]),
    ],
    [
      'a candidate for no part',
      payload([{ ...candidate, candidate: { ...candidate.candidate, sdpMid: null, sdpMLineIndex: null } }]),
    ],
    ['34 signals', payload(Array<Signal>(34).fill(candidate))],
    ['what is longer than the tracker carries', payload([offer]) + ' '.repeat(MAX_SIGNAL_BYTES)],
    [
      'a long candidate',
      payload([{ ...candidate, candidate: { ...candidate.candidate, candidate: 'c'.repeat(1_025) } }]),
    ],
    ['an offer that is too long', payload([{ ...offer, sdp: 'v'.repeat(8_193) }])],
  ])('[PN4] %s is nothing that a page of ours would send', (_, text) => {
    expect(parseSignals(text)).toBeNull();
  });

  test('[PN4] whatever the text, the answer is signals that are known, or null', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.json(),
          fc.jsonValue().map((value) => payload([value])),
        ),
        (text) => {
          const parsed = parseSignals(text);
          for (const { type } of parsed?.signals ?? [])
            expect(['offer', 'answer', 'candidate']).toContain(type);
          if (parsed !== null) expect(parsed.attempt).toMatch(/^[0-9a-f]{16}$/);
        },
      ),
    );
  });

  test('[PN4] a key that means something to the language is a key like others', () => {
    const text = `{"attempt":"${NAME}","signals":[{"type":"offer","sdp":"v","__proto__":{"polluted":1}}],"__proto__":{"polluted":1}}`;
    expect(parseSignals(text)).toEqual({ attempt: NAME, signals: [{ type: 'offer', sdp: 'v' }] });
    expect('polluted' in {}).toBe(false);
  });
});

describe('what we say', () => {
  test('[PN4] comes as it was said, in its order, in texts that the tracker carries', () => {
    fc.assert(
      fc.property(fc.array(anySignal, { maxLength: 200 }), (signals) => {
        const texts = signalTexts({ attempt: NAME }, signals);
        for (const text of texts) expect(utf8Length(text)).toBeLessThanOrEqual(MAX_SIGNAL_BYTES);
        const parsed = texts.map(parseSignals);
        expect(parsed.flatMap((each) => each?.signals ?? [])).toEqual(signals);
        for (const each of parsed) expect(each?.signals.length).toBeGreaterThan(0);
      }),
    );
  });

  test('[PN4] is one text where it fits into one', () => {
    expect(signalTexts({ attempt: NAME }, [offer, candidate])).toEqual([payload([offer, candidate])]);
    expect(signalTexts({ attempt: NAME }, [])).toEqual([]);
  });

  test('[PN4] 65 candidates, or candidates that are long, take two texts', () => {
    expect(
      signalTexts({ attempt: NAME }, Array<Signal>(65).fill(candidate)).map(
        (text) => parseSignals(text)?.signals.length,
      ),
    ).toEqual([33, 32]);
    const long: Signal = { type: 'offer', sdp: 'ü'.repeat(8_100) };
    expect(signalTexts({ attempt: NAME }, [long, candidate, candidate])).toEqual([
      payload([long]),
      payload([candidate, candidate]),
    ]);
  });

  test('[PN4] a signal that no text could carry is left out, the others go', () => {
    const huge: Signal = { type: 'offer', sdp: 'ü'.repeat(MAX_SIGNAL_BYTES / 2) };
    expect(signalTexts({ attempt: NAME }, [candidate, huge, candidate])).toEqual([
      payload([candidate]),
      payload([candidate]),
    ]);
  });
});
