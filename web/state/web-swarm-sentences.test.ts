import { describe, expect, it } from 'vitest';
import type { Transfer } from './session.ts';
import { manifestOf, transferOf } from './transfer.fixture.ts';
import { receiveSentence } from './sentences.ts';
import { changeSentence, madeSentences, webSwarmFacts, webSwarmSentences } from './web-swarm-sentences.ts';

const NONE = { right: 0, pending: 0, unseen: 0, liars: 0, fromLenders: 0, refused: false, sha256: null };
const web = {
  urls: ['https://files.example/film.bin'],
  urlCount: 1,
  hosts: [{ host: 'files.example', https: true }],
  hostCount: 1,
};

function loaded(changes: Partial<Transfer> = {}): Transfer {
  const manifest = { ...manifestOf([4_000_000]), web };
  return transferOf({ phase: 'downloading', manifest, web: NONE, ...changes });
}

describe('[WS42] a file without hashes', () => {
  it('is named with its server, has no link yet, and is not verified as a whole', () => {
    const said = webSwarmSentences(loaded(), null);
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(/from files\.example\. There is no link to it yet/);
    expect(said[1]).toMatch(/not verified as a whole/);
  });

  it('of an ordinary share nothing is said', () => {
    expect(webSwarmSentences(loaded({ web: null }), null)).toEqual([]);
    expect(madeSentences(loaded({ web: null }))).toEqual([]);
  });

  it.each([
    [{ right: 1 }, 'Checked 1 part again: it is as the server has it.'],
    [{ right: 7 }, 'Checked 7 parts again: all are as the server has them.'],
    [{ pending: 1 }, '1 part is being checked.'],
    [{ unseen: 2 }, '2 parts could not be checked.'],
    [
      { liars: 1, fromLenders: 0, refused: false, sha256: null },
      'Somebody sent something else and was dropped. All that came from there is loaded again.',
    ],
    [
      { liars: 2, fromLenders: 0, refused: false, sha256: null },
      '2 senders sent something else and were dropped. All that came from them is loaded again.',
    ],
  ])('tells of second looks: %j', (looks, sentence) => {
    expect(webSwarmSentences(loaded({ web: { ...NONE, ...looks } }), null)).toContain(sentence);
  });

  it('tells of several second looks in one paragraph', () => {
    const said = webSwarmSentences(loaded({ web: { ...NONE, right: 2, pending: 1 } }), null);
    expect(said[1]).toBe('Checked 2 parts again: all are as the server has them. 1 part is being checked.');
  });

  it.each([
    [{ taken: 1, online: 3 }, '1 person lends their connection and fetches parts of it for you.'],
    [{ taken: 2, online: 3 }, '2 people lend their connection and fetch parts of it for you.'],
    [{ taken: 0, online: 0 }, 'Nobody lends their connection right now.'],
    [{ taken: 0, online: 1 }, '1 person lends their connection, but nobody fetches this for you now.'],
  ])('tells of those who lend: %j', (lenders, sentence) => {
    expect(webSwarmSentences(loaded(), { refused: {}, ...lenders })).toContain(sentence);
  });

  it('tells what is in the way of its server', () => {
    const seed = {
      host: 'files.example',
      state: 'waiting',
      trouble: 'busy',
      down: 0,
      receivedBytes: 0,
    } as const;
    expect(webSwarmSentences(loaded({ webSeeds: [seed] }), null)).toContain(
      'files.example: The server is busy. It is asked again by itself.',
    );
  });

  it('tells how much came from whom', () => {
    const facts = webSwarmFacts({
      receivedFrom: { people: 1_500_000, web: 3_000_000 },
      web: { ...loaded({}).web!, fromLenders: 500_000 },
    });
    expect(facts.map(({ name, value }) => `${name} ${value.replace(/\s/, ' ')}`)).toEqual([
      'From the server 3.00 MB',
      'From those who lend 500 kB',
      'From others 1.00 MB',
    ]);
  });

  it('is looked at once more when all of it is here, and is not called verified', () => {
    const complete = loaded({ phase: 'complete' });
    const sentence = receiveSentence({
      transfer: complete,
      save: { kind: 'none' },
      broken: 'nothing',
      away: false,
    });
    expect(sentence).toMatch(/checked once more/);
  });
});

describe('[WS42] the share that it became', () => {
  it('says that others sent parts of it, and what was checked', () => {
    const looks = { ...NONE, right: 9, pending: 1, liars: 1 };
    const made = madeSentences(loaded({ web: looks, receivedFrom: { people: 5, web: 5 } }));
    expect(made[0]).toMatch(/not verified as a whole/);
    expect(made[1]).toMatch(/^Checked 9 parts again/);
    // What was under way when that was told is over.
    expect(made[1]).toMatch(/All that came from there was loaded again\.$/);
    expect(made[1]).not.toMatch(/being checked/);
  });

  it('says where all came from the server itself', () => {
    expect(madeSentences(loaded({ receivedFrom: { people: 0, web: 5 } }))).toEqual([
      expect.stringMatching(/from the server itself/),
    ]);
  });
});

it('[WS41] [WS42] the status of such a page says nothing that is not known', () => {
  const calm = { save: { kind: 'none' }, broken: 'nothing', away: false } as const;
  expect(receiveSentence({ ...calm, transfer: null, ended: true })).toBe('This is not loaded any more.');
  const transfer = transferOf({ phase: 'complete', saveDue: true, manifest: manifestOf([5]) });
  expect(receiveSentence({ ...calm, transfer, unverified: true })).toMatch(/^Download complete\. Saving/);
});

it('[WS41] a file that changed is said, and what follows', () => {
  expect(changeSentence('begins')).toMatch(/again from its beginning/);
  expect(changeSentence('ends')).toMatch(/open its address again/);
});
