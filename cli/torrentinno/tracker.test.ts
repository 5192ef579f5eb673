/** TorrentInno's tracker over real HTTP: what is said to it, and what is believed of its answer. */
import { afterEach, describe, expect, test } from 'vitest';
import vectors from '../../shared/vectors/torrentinno.json' with { type: 'json' };
import { infoHash as infoHashOf } from '../../shared/ids.ts';
import { FakeClock } from '../../shared/peer/testing/fake-clock.ts';
import { nodeClock } from '../../shared/peer/testing/node-ports.ts';
import { MAX_ANSWER_BYTES } from './limits.ts';
import { trackerUrlOf } from './choice.ts';
import { announceTo, peersOf } from './tracker.ts';
import { testId } from './testing/peers.ts';
import { TestTracker } from './testing/stand-in.ts';

const HASH = infoHashOf('ab'.repeat(32))!;
const ANNOUNCE = { peer: testId('50'), infoHash: HASH, host: '10.0.0.5', port: 7_000 };
const named = (more: Record<string, unknown> = {}) => ({
  peerId: testId('11'),
  infoHash: HASH,
  publicIp: '10.0.0.1',
  publicPort: '46389',
  ...more,
});
const answerOf = (...peers: unknown[]): string => JSON.stringify({ infoHash: HASH, peers });

describe('its address', () => {
  test.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/peers'],
    ['http://tracker.example/', 'http://tracker.example/peers'],
    ['https://example.org/some/path/', 'https://example.org/some/path/peers'],
    ['http://127.0.0.1:8080/peers', 'http://127.0.0.1:8080/peers'],
  ])('[HL56] %s is %s', (text, url) => expect(trackerUrlOf(text)?.href).toBe(url));

  test.each(['', 'tracker', 'ftp://example.org', 'http://', 'file:///etc/passwd'])(
    '[HL56] %j is none',
    (text) => {
      expect(trackerUrlOf(text)).toBeNull();
    },
  );
});

describe('its answer', () => {
  test('[HL57] as the real one gives it, with the announcer in it', () => {
    const pairs = vectors.tracker.find(({ name }) => name === 'captured')?.pairs ?? [];
    expect(pairs.length).toBeGreaterThan(3);
    for (const { response_body } of pairs) {
      const { infoHash, peers } = JSON.parse(response_body) as {
        infoHash: string;
        peers: { peerId: string }[];
      };
      const read = peersOf(response_body, infoHashOf(infoHash)!);
      expect(read?.map(({ id }) => id)).toEqual(peers.map(({ peerId }) => peerId));
    }
  });

  test.each([
    ['a field is missing', { publicIp: undefined }],
    ['a port is a number', { publicPort: 46_389 }],
    ['a port is none', { publicPort: '90833' }],
    ['a port is a service of the system', { publicPort: '22' }],
    ['an id has 63 digits', { peerId: '1'.repeat(63) }],
    ['an id is in upper case', { peerId: 'AB'.repeat(32) }],
    ['an address is a name', { publicIp: 'example.org' }],
    ['it is of another share', { infoHash: '12'.repeat(32) }],
    ['it is no object', null],
  ])('[HL57] who is odd is passed over: %s', (_, more) => {
    const odd = more === null ? 7 : named({ peerId: testId('22'), ...more });
    expect(peersOf(answerOf(odd, named()), HASH)).toEqual([
      { id: testId('11'), host: '10.0.0.1', port: 46_389 },
    ]);
  });

  test('[HL57] a tracker by the specification, which repeats no info-hash, is understood as well', () => {
    expect(peersOf(answerOf(named({ infoHash: undefined })), HASH)).toHaveLength(1);
    expect(peersOf('{"infoHash":"x","peers":null}', HASH)).toEqual([]);
  });

  test.each(['', 'null', '[]', '{}', '{"peers":7}', '<html>'])('[HL57] %j is none', (text) => {
    expect(peersOf(text, HASH)).toBeNull();
  });

  test('[HL57] of very many peers no more are looked at than make sense', () => {
    const many = Array.from({ length: 5_000 }, (_, nth) =>
      named({ peerId: nth.toString(16).padStart(64, '0') }),
    );
    expect(peersOf(answerOf(...many), HASH)?.length).toBe(2_000);
  });
});

describe('one announce', () => {
  const trackers: TestTracker[] = [];
  afterEach(async () => {
    for (const tracker of trackers.splice(0)) await tracker.stop();
  });

  async function started(): Promise<{ tracker: TestTracker; url: URL }> {
    const tracker = new TestTracker();
    trackers.push(tracker);
    const url = trackerUrlOf(await tracker.start());
    return { tracker, url: url! };
  }

  test('[HL56] says four strings, and hears who is there', async () => {
    const { tracker, url } = await started();
    const answer = await announceTo(url, ANNOUNCE, nodeClock);
    expect(tracker.announces).toEqual([
      { peerId: ANNOUNCE.peer, infoHash: HASH, publicIp: '10.0.0.5', publicPort: '7000' },
    ]);
    expect(answer).toEqual({
      kind: 'answered',
      peers: [{ id: ANNOUNCE.peer, host: '10.0.0.5', port: 7_000 }],
    });
  });

  test('[HL57] an answer of megabytes is not read to its end', async () => {
    const { tracker, url } = await started();
    tracker.answer = { body: answerOf(named({ more: 'x'.repeat(MAX_ANSWER_BYTES) })) };
    expect(await announceTo(url, ANNOUNCE, nodeClock)).toMatchObject({ kind: 'refused' });
  });

  test.each([400, 429, 500])('[HL56] a status %i is said', async (status) => {
    const { tracker, url } = await started();
    tracker.answer = { status, body: '' };
    const answer = await announceTo(url, ANNOUNCE, nodeClock);
    expect(answer).toEqual({ kind: 'refused', why: `it answered with status ${status}` });
  });

  test('[HL56] one that says nothing for 5 s is away', async () => {
    const { tracker, url } = await started();
    tracker.answer = null;
    const clock = new FakeClock();
    const answer = announceTo(url, ANNOUNCE, clock);
    await tracker.heard(1);
    await clock.advance(5_000);
    expect(await answer).toEqual({ kind: 'away', why: 'it says nothing' });
  });

  test('[HL56] one that is not there is away, and heard when it is back', async () => {
    const { tracker, url } = await started();
    await tracker.stop();
    trackers.length = 0;
    expect(await announceTo(url, ANNOUNCE, nodeClock)).toEqual({ kind: 'away', why: 'it cannot be reached' });
    const back = new TestTracker();
    trackers.push(back);
    await back.start(Number(url.port));
    expect(await announceTo(url, ANNOUNCE, nodeClock)).toMatchObject({ kind: 'answered' });
  });
});
