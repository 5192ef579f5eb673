import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientText, errorMessage, parseClientMessage, parseServerMessage, serverText } from './messages.ts';
import type { ServerMessage } from './messages.ts';
import { infoHash, peerId, swarmId } from '../ids.ts';
import { displayName } from '../manifest/display.ts';
import { INVISIBLE_NAMES } from '../testing/invisible.ts';
import { fitsUtf8, isListable } from './text.ts';

const hex = (digit: string) => digit.repeat(64);
const swarm = swarmId(hex('a'))!;
const me = peerId(hex('1'))!;
const other = peerId(hex('2'))!;
const hash = infoHash(hex('f'))!;

const legal = [
  { type: 'announce', swarm, peerId: me, event: 'started', left: null, want: 50 },
  { type: 'announce', swarm, peerId: me, event: 'stopped', left: 0, want: 0 },
  { type: 'signal', swarm, from: me, to: other, payload: '{"sdp":"v=0"}' },
  { type: 'scrape', swarms: [swarm] },
  { type: 'publish', swarm, peerId: me, infoHash: hash, name: 'Ünïcode — π 100%.txt', size: 0, files: 1 },
  { type: 'publish', swarm, peerId: me, infoHash: hash, name: 'a', size: 5, files: 2, comment: 'two\nlines' },
  { type: 'unpublish', swarm, peerId: me },
  { type: 'search', query: '', offset: 0, limit: 20 },
  { type: 'challenge' },
  { type: 'prove', peerId: me, algorithm: 'ed25519', publicKey: '0f'.repeat(32), signature: 'f0'.repeat(64) },
  { type: 'prove', peerId: me, algorithm: 'p256', publicKey: '04'.repeat(65), signature: 'f0'.repeat(64) },
] as const;

const pushed: ServerMessage[] = [
  {
    type: 'peers',
    swarm,
    interval: 30,
    complete: 1,
    incomplete: 2,
    downloaded: 3,
    peers: [{ peerId: me, seed: true }],
  },
  { type: 'signal', swarm, from: me, payload: 'x' },
  { type: 'joined', swarm, peerId: me, seed: false },
  { type: 'left', swarm, peerId: me },
  { type: 'scrape', swarms: { [swarm]: { complete: 0, incomplete: 0, downloaded: 0 } } },
  { type: 'published', swarm },
  {
    type: 'results',
    query: 'a',
    total: 1,
    results: [{ infoHash: hash, name: 'a', size: 1, files: 1, complete: 1, incomplete: 0 }],
  },
  errorMessage('no-such-peer', 'Nobody.', { type: 'signal', swarm, peerId: other }),
  { type: 'challenge', challenge: '5a'.repeat(32) },
  { type: 'proved', peerId: me },
  errorMessage('bad-json', 'No.'),
];

describe('client messages', () => {
  test.each(legal)('[TR1] $type is read as it was written', (message) => {
    expect(parseClientMessage(clientText(message as never))).toEqual(message);
  });

  test('[TR3] want is 50 unless smaller', () => {
    const wanting = (want?: unknown) =>
      parseClientMessage(JSON.stringify({ ...legal[0], want: want === undefined ? undefined : want }));
    expect(wanting()).toMatchObject({ want: 50 });
    expect(wanting(7)).toMatchObject({ want: 7 });
    expect(wanting(0)).toMatchObject({ want: 0 });
    expect(wanting(1_000_000)).toMatchObject({ want: 50 });
    for (const wrong of [-1, 1.5, '7', null, true]) {
      expect(wanting(wrong)).toMatchObject({ type: 'refused', code: 'bad-message' });
    }
  });

  test.each([
    ['not json', 'bad-json'],
    ['', 'bad-json'],
    ['{"type":"announce"', 'bad-json'],
    ['null', 'bad-message'],
    ['42', 'bad-message'],
    ['"announce"', 'bad-message'],
    ['[]', 'unknown-type'],
    ['{}', 'unknown-type'],
    ['{"type":"toString"}', 'unknown-type'],
    ['{"type":["announce"]}', 'unknown-type'],
    ['{"type":"peers"}', 'unknown-type'],
    ['{"type":"announce"}', 'bad-message'],
    ['{"type":"search"}', 'bad-message'],
  ])('[TR9] %s is %s', (text, code) => {
    expect(parseClientMessage(text)).toMatchObject({ type: 'refused', code });
  });

  test.each([
    ['swarm', hex('A')],
    ['swarm', 'a'.repeat(63)],
    ['swarm', `${hex('a')}\n`],
    ['swarm', [hex('a')]],
    ['peerId', undefined],
    ['peerId', 7],
    ['event', 'paused'],
    ['left', undefined],
    ['left', -1],
    ['left', 0.5],
    ['left', 2 ** 53],
    ['left', '0'],
  ])('[TR2] an announce with %s = %j is refused and the field named', (field, value) => {
    const parsed = parseClientMessage(JSON.stringify({ ...legal[0], [field]: value }));
    expect(parsed).toMatchObject({ type: 'refused', code: 'bad-message', about: { type: 'announce' } });
    expect(parsed).toHaveProperty('message', expect.stringContaining(`\`${field}\``));
  });

  test.each([
    ['peerId', hex('A')],
    ['algorithm', 'rsa'],
    ['algorithm', undefined],
    ['publicKey', '0f'.repeat(33)],
    ['publicKey', '0F'.repeat(32)],
    ['publicKey', '0f'.repeat(60_000)],
    ['publicKey', ['0f'.repeat(32)]],
    ['signature', ''],
    ['signature', 'f0'.repeat(63)],
    ['signature', 'f0'.repeat(60_000)],
    ['signature', `${'f0'.repeat(63)}xy`],
  ])('[ID3] [TR2] a proof with %s = %.20j is refused before anything is verified', (field, value) => {
    const proof = { ...legal[9], [field]: value };
    expect(parseClientMessage(JSON.stringify(proof))).toMatchObject({
      type: 'refused',
      code: 'bad-message',
      about: { type: 'prove' },
    });
  });

  test('[TR2] a payload has at most 16,384 bytes of UTF-8', () => {
    const carrying = (payload: string) => parseClientMessage(JSON.stringify({ ...legal[2], payload })).type;
    expect(carrying('x'.repeat(16_384))).toBe('signal');
    expect(carrying('\u0001'.repeat(16_384))).toBe('signal');
    expect(carrying('x'.repeat(16_385))).toBe('refused');
    expect(carrying('é'.repeat(8_192))).toBe('signal');
    expect(carrying('é'.repeat(8_193))).toBe('refused');
    expect(carrying('😀'.repeat(4_096))).toBe('signal');
    expect(carrying('😀'.repeat(4_097))).toBe('refused');
  });

  test('[TR6] at most 100 swarms are scraped at once', () => {
    const scraping = (swarms: unknown) => parseClientMessage(JSON.stringify({ type: 'scrape', swarms })).type;
    expect(scraping(Array(100).fill(swarm))).toBe('scrape');
    expect(scraping(Array(101).fill(swarm))).toBe('refused');
    expect(scraping([])).toBe('scrape');
    expect(scraping({ 0: swarm })).toBe('refused');
  });

  test.each([
    '',
    '   ',
    'a\u0000b',
    'a\nb',
    '../etc',
    'a\\b',
    'x'.repeat(256),
    'é'.repeat(128),
    'txt.\u202eexe',
    '\ud800',
  ])('[TR8] the name %j is not listed', (name) => {
    expect(parseClientMessage(JSON.stringify({ ...legal[4], name }))).toMatchObject({ code: 'bad-message' });
  });

  test('[TR1] keys that reach for a prototype do nothing', () => {
    const text = JSON.stringify(legal[0]).replace(
      '{',
      '{"__proto__":{"type":"x","polluted":1},"constructor":{"a":1},',
    );
    const parsed = parseClientMessage(text);
    expect(parsed).toEqual(legal[0]);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('polluted');
    expect(parseClientMessage('{"__proto__":{"type":"search","query":""}}')).toMatchObject({
      code: 'unknown-type',
    });
  });

  test('[TR1] unknown keys are dropped', () => {
    expect(parseClientMessage(JSON.stringify({ ...legal[3], later: 1 }))).toEqual(legal[3]);
  });
});

describe('server messages', () => {
  test.each(pushed)('[TR1] $type is read as it was written', (message) => {
    expect(parseServerMessage(serverText(message))).toEqual(message);
  });

  test('[TR1] what this version does not know is null', () => {
    for (const text of [
      '',
      'x',
      '[]',
      '{}',
      '{"type":"announce"}',
      '{"type":"joined"}',
      '{"type":"peers","peers":{}}',
    ]) {
      expect(parseServerMessage(text)).toBeNull();
    }
  });

  test('[TR2] what is far too long is not read', () => {
    const text = JSON.stringify(pushed[0]);
    expect(parseServerMessage(text)).not.toBeNull();
    expect(parseServerMessage(text + ' '.repeat(1_048_576))).toBeNull();
  });

  test('[TR2] a server cannot name more than 50 peers', () => {
    const naming = (many: number) =>
      parseServerMessage(
        JSON.stringify({ ...pushed[0], peers: Array(many).fill({ peerId: me, seed: true }) }),
      );
    expect(naming(50)).not.toBeNull();
    expect(naming(51)).toBeNull();
  });
});

describe('properties', () => {
  const noise = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.json().map((text) => text.slice(1)),
  );

  test('[TR1] both parsers return a value for every text', () => {
    fc.assert(
      fc.property(noise, (text) => {
        expect(typeof parseClientMessage(text).type).toBe('string');
        expect(parseServerMessage(text)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  test('[TR1] a message with one thing changed is a message or refused, and never one out of bounds', () => {
    const change = fc.tuple(
      fc.constantFrom(...legal),
      fc.constantFrom(
        'type',
        'swarm',
        'peerId',
        'from',
        'to',
        'payload',
        'swarms',
        'left',
        'name',
        'limit',
        '__proto__',
      ),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(change, ([message, key, value]) => {
        const changed = new Map<string, unknown>([...Object.entries(message), [key, value]]);
        const text = `{${[...changed].map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join()}}`;
        const parsed = parseClientMessage(text);
        if (parsed.type !== 'refused') {
          expect(parseClientMessage(clientText(parsed))).toEqual(parsed);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('[TR1] very deep JSON is a value too', () => {
    expect(parseClientMessage('['.repeat(131_000))).toMatchObject({ type: 'refused' });
    expect(parseClientMessage('['.repeat(60_000) + ']'.repeat(60_000))).toMatchObject({ type: 'refused' });
    expect(parseClientMessage(' '.repeat(200_000))).toMatchObject({ code: 'too-large' });
  });

  test('[TR2] UTF-8 length agrees with the platform', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(64), (text, most) => {
        expect(fitsUtf8(text, most)).toBe(Buffer.byteLength(text) <= most);
      }),
    );
    expect(isListable('a', 1)).toBe(true);
  });
});

describe('what may be listed', () => {
  const publishing = (change: object) =>
    parseClientMessage(clientText({ ...legal[4], ...change } as never)).type;

  test.each(INVISIBLE_NAMES)('[TR2] not a name of %s', (_kind, name) => {
    expect(publishing({ name })).toBe('refused');
  });

  test.each(INVISIBLE_NAMES)('[TR2] no name with %s in it, but for spaces', (kind, unseen) => {
    expect(publishing({ name: `a${unseen}.txt` })).toBe(kind === 'spaces' ? 'publish' : 'refused');
    expect(publishing({ comment: `a${unseen}.txt` })).toBe(kind === 'spaces' ? 'publish' : 'refused');
  });

  test.each(['a/b', 'a\\b', 'a\nb', 'a\ud800', ''])('[TR2] not %j', (name) => {
    expect(publishing({ name })).toBe('refused');
  });

  test.each(['👩‍🚀 ❤️', 'می\u200cخواهم', 'ශ්\u200dරී', 'e\u0301', ' a\u3000b', '(no name)'])(
    '[TR2] but %j',
    (name) => {
      expect(publishing({ name })).toBe('publish');
    },
  );

  test('[TR2] [MF6] whatever is listed is shown just as it is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (name) => {
        if (isListable(name, 255)) expect(displayName(name)).toBe(name);
      }),
      { numRuns: 1_000 },
    );
  });
});
