import { describe, expect, test } from 'vitest';
import type { FetchOutcome, TransferSnapshot } from '../../shared/peer/verbs.ts';
import { peerOf, snapshotOf } from '../testing/snapshots.ts';
import { fetchedWords, fetchingStanding, fetchingWords, notFetchedSentence } from './fetch-words.ts';
import type { FetchVerified } from './said.ts';

const HOST = 'files.example:8443';
const LOOKS = { right: 0, pending: 0, unseen: 0, liars: 0, fromLenders: 0, refused: false, sha256: null };
const SERVER = { host: HOST, state: 'idle', trouble: null, down: 0, receivedBytes: 0 } as const;

function loading(change: Partial<TransferSnapshot>, server: object = {}): TransferSnapshot {
  const webSeeds = [{ ...SERVER, ...server }];
  return snapshotOf({ phase: 'downloading', web: LOOKS, webSeeds, ...change });
}

describe('[HL67] where a fetch stands', () => {
  const sends = [peerOf({ down: 1 }), peerOf({ down: 1 }, 2), peerOf({}, 3)];
  test.each<[string, TransferSnapshot, number, string, string]>([
    ['nobody has said anything', loading({}), 0, 'connecting', `Asking ${HOST}.`],
    ['the server sends', loading({}, { state: 'asked' }), 0, 'downloading', `Fetching from ${HOST}.`],
    [
      'others send, too',
      loading({ peers: sends }, { state: 'asked' }),
      1,
      'downloading',
      `Fetching from ${HOST} and 2 people. 1 person lends their connection.`,
    ],
    [
      'others send alone',
      loading({ peers: sends }, { state: 'gone', trouble: 'refused' }),
      2,
      'downloading',
      'Fetching from 2 people. 2 people lend their connection.',
    ],
    [
      'the server is busy',
      loading({}, { state: 'waiting', trouble: 'busy' }),
      0,
      'waiting',
      `${HOST}: The server is busy. It is asked again by itself.`,
    ],
    [
      'the server is gone',
      loading({}, { state: 'gone', trouble: 'unreachable' }),
      0,
      'waiting',
      `${HOST}: The server cannot be reached. It is asked no more. What has arrived is kept, and the rest can come from others.`,
    ],
    [
      'parts are looked at',
      loading({ phase: 'complete', web: { ...LOOKS, pending: 3 } }),
      0,
      'checking',
      'All of it is here. 3 parts of what others sent are being checked.',
    ],
    [
      'all is here',
      loading({ phase: 'complete' }),
      0,
      'checking',
      'All of it is here. It is being made a share.',
    ],
    [
      'the disk is full',
      loading({ phase: 'full' }),
      0,
      'full',
      expect.stringContaining('no more room') as string,
    ],
  ])('%s', (_what, snapshot, lenders, state, message) => {
    expect(fetchingStanding(snapshot, HOST, lenders)).toEqual({ state, message });
  });

  test('[WS26] what is fetched again is said', () => {
    const snapshot = loading({ web: { ...LOOKS, refused: true } }, { state: 'asked' });
    expect(fetchingStanding(snapshot, HOST, 0).message).toMatch(
      /^As a whole it was not the file with the SHA-256 that you gave.* Fetching from files\.example:8443\.$/,
    );
  });
});

describe('[HL67] what is fetched, and what it is worth', () => {
  test('says who learns of it, and what it is compared with', () => {
    const what = { type: 'fetching', infoHash: '', name: 'a\u202eb', size: 2_000_000 } as const;
    const said = { ...what, url: `https://${HOST}/a`, sha256: null };
    expect(fetchingWords(said)).toMatch(
      /^“a.*b”, 2\.00.MB, from files\.example:8443\. That server, .* learn/,
    );
    expect(fetchingWords(said)).not.toContain('\u202e');
    expect(fetchingWords({ ...said, sha256: 'ab' })).toContain('compared with the SHA-256');
  });

  test.each<[FetchVerified, RegExp]>([
    ['sha256', /As a whole it has the SHA-256 that you gave\./],
    ['server', /All of it came from the server itself\./],
    [
      'parts',
      /7 parts were checked again and right, 1 part could not be checked; it was not verified as a whole/,
    ],
    ['no', /It was not verified as a whole, since nobody said what that must be \(--sha256\)\./],
  ])('%s', (verified, sentence) => {
    const words = fetchedWords({
      ...{ type: 'fetched', infoHash: '', link: 'http://x/#y', url: `https://${HOST}/a`, name: 'a', size: 1 },
      ...{ verified, right: 7, unseen: 1 },
    });
    expect(words).toMatch(sentence);
    expect(words).toMatch(/ Its link, to pass it on: http:\/\/x\/#y$/);
  });

  test('each reason why nothing came is told apart, and has what can be done', () => {
    const refusal = { kind: 'refused', why: 'silent', status: null, retryMs: 0 } as const;
    const outcomes: Exclude<FetchOutcome, { kind: 'begun' | 'here' | 'streamed' | 'cancelled' }>[] = [
      { kind: 'no-address', why: 'scheme' },
      { kind: 'not-there', refusal },
      { kind: 'other-file' },
      { kind: 'too-large' },
      { kind: 'not-streamed', why: 'no-room' },
      { kind: 'not-streamed', why: 'cut-short' },
      { kind: 'no-ranges' },
    ];
    const sentences = outcomes.map((outcome) => notFetchedSentence(outcome, HOST));
    expect(new Set(sentences).size).toBe(outcomes.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Zf].*\.$/);
  });
});
