/** [WS7] What the page says of web addresses. */
import { describe, expect, it } from 'vitest';
import type { RangeTrouble, WebSeedSnapshot } from '../../shared/engine/io.ts';
import type { ShownWeb, Transfer } from './session.ts';
import { manifestOf, transferOf } from './transfer.fixture.ts';
import { namedSentence, namesAll, originFacts, webOffer, webRows } from './web-sentences.ts';

function webOf(https: readonly string[], http: readonly string[] = []): ShownWeb {
  const hosts = [
    ...https.map((host) => ({ host, https: true })),
    ...http.map((host) => ({ host, https: false })),
  ];
  const urls = hosts.map(({ host }) => `https://${host}/a`);
  return { urls, urlCount: urls.length, hosts, hostCount: hosts.length };
}

function seedOf(changes: Partial<WebSeedSnapshot> = {}): WebSeedSnapshot {
  return {
    ...{ host: 'mirror.example', state: 'not-allowed', trouble: null, down: 0, receivedBytes: 0 },
    ...changes,
  };
}

function named(web: ShownWeb, changes: Partial<Transfer> = {}): Transfer {
  const manifest = { ...manifestOf([1_000]), web };
  return transferOf({ phase: 'ready', manifest, webSeeds: [seedOf()], ...changes });
}

const one = webOf(['mirror.example']);
const agreed = { webSeeds: [seedOf({ state: 'idle' })] };

describe('[WS7] what a person is asked', () => {
  it('[WS7] names the server and what it learns, and that nothing was asked', () => {
    expect(webOffer(named(one), true)).toEqual({
      kind: 'offered',
      sentence:
        'This is also on the web, at mirror.example. Whoever runs that server learns that your internet address fetches it. Nothing is asked there before you agree.',
      button: 'Also load from mirror.example',
    });
  });

  it.each<[readonly string[], RegExp, string]>([
    [['a.example', 'b.example'], /at a\.example and b\.example\. .*those servers/, 'a.example and 1 more'],
    [['a.ex', 'b.ex', 'c.ex'], /at a\.ex, b\.ex and c\.ex\./, 'a.ex and 2 more'],
    [['a.ex', 'b.ex', 'c.ex', 'd.ex', 'e.ex'], /at a\.ex, b\.ex, c\.ex and 2 more\./, 'a.ex and 4 more'],
  ])('[WS7] names several, the first three in its sentence: %o', (hosts, says, button) => {
    const offer = webOffer(named(webOf(hosts)), true);
    expect(offer?.sentence).toMatch(says);
    expect(offer).toMatchObject({ button: `Also load from ${button}` });
    expect(namesAll(webOf(hosts))).toBe(hosts.length <= 3);
  });

  it('[WS7] of a long name the button has the end, which tells whose it is', () => {
    const host = `login.bank.example.${'x'.repeat(60)}.other.example`;
    const offer = webOffer(named(webOf([host])), true);
    expect(offer?.sentence).toContain(host);
    expect(offer).toMatchObject({ button: expect.stringMatching(/^Also load from …x+\.other\.example$/) });
  });

  it('[WS7] does not ask for servers that no page can ask', () => {
    const offer = webOffer(named(webOf(['a.example'], ['b.example'])), true);
    expect(offer).toMatchObject({ kind: 'offered', button: 'Also load from a.example' });
    expect(offer?.sentence).not.toContain('b.example');
    expect(webOffer(named(webOf([], ['b.example'])), true)).toEqual({
      kind: 'told',
      sentence: expect.stringMatching(/at b\.example, but a page can load only from .*https:\/\/.*terminal/),
    });
  });

  it('[WS7] where the operator does not allow it says who can', () => {
    const offer = webOffer(named(one), false);
    expect(offer?.kind).toBe('told');
    expect(offer?.sentence).toMatch(
      /at mirror\.example\. This site does not load .*command in a terminal can/,
    );
  });

  it('[WS7] says nothing while it is not known whether it may, nor where there is nothing to load', () => {
    expect(webOffer(named(one), null)).toBeNull();
    expect(webOffer(named(one, { webSeeds: [] }), true)).toBeNull();
    expect(webOffer(named(one, { phase: 'stopped' }), true)).toBeNull();
    expect(webOffer(named(one, { manifest: null }), true)).toBeNull();
    const whole = { phase: 'complete', receivedBytes: 1_000, storedBytes: 1_000 } as const;
    expect(webOffer(named(one, { ...whole, totalBytes: 1_000 }), true)).toBeNull();
    expect(webOffer(named(one, { ...whole, totalBytes: 1_000, ...agreed }), true)?.kind).toBe('agreed');
  });

  it('[WS2] [WS7] can be taken back, and says what is in the way of whom', () => {
    const webSeeds = [
      seedOf({ state: 'waiting', trouble: 'busy' }),
      seedOf({ state: 'gone', trouble: 'refused', host: 'other.example' }),
      seedOf({ state: 'asked', trouble: 'busy', host: 'third.example' }),
    ];
    expect(webOffer(named(one, { webSeeds }), true)).toEqual({
      kind: 'agreed',
      sentence: expect.stringMatching(/^You agreed to load this from the web, too, from mirror\.example\./),
      button: "Don't load from the web",
      troubles: [
        'mirror.example: The server is busy. It is asked again by itself.',
        'other.example: The server does not give it out: it is gone, or not for everybody. It is asked no more.',
      ],
    });
  });
});

describe('[UI24] [WS7] the sources of a transfer', () => {
  const all: readonly RangeTrouble[] = [
    ...(['no-ranges', 'other-size', 'refused', 'needs-login', 'busy', 'unreachable'] as const),
    ...(['forbidden-address', 'too-many-redirects', 'cut-short', 'silent', 'other-content'] as const),
  ];

  it.each(all)('[WS3] %s is said in plain words', (trouble) => {
    const [row] = webRows({ webSeeds: [seedOf({ state: 'gone', trouble })] });
    expect(row?.trouble).toMatch(/^[A-Z].*\. It is asked no more\.$/);
    expect(row?.trouble).not.toMatch(/range|redirect|CORS|206|manifest|piece/);
  });

  it('[UI24] are rows with how each does, called apart', () => {
    const webSeeds = [
      seedOf({ state: 'asked', down: 2_000_000, receivedBytes: 12_000_000 }),
      seedOf({ state: 'asked' }),
      seedOf({ state: 'idle', host: 'other.example:8080' }),
      seedOf({ state: 'not-allowed' }),
    ];
    const rows = webRows({ webSeeds }).map(({ name, state, down, received }) => [
      name,
      state,
      down,
      received,
    ]);
    expect(rows).toEqual([
      ['mirror.example', 'sends', '2.00\u00a0MB/s', '12.0\u00a0MB'],
      ['mirror.example (2)', 'asked', '–', '0\u00a0bytes'],
      ['other.example:8080', 'ready', '–', '0\u00a0bytes'],
      ['mirror.example (3)', 'you did not agree to it', '–', '0\u00a0bytes'],
    ]);
  });

  it('[UI24] what came is split once anything came from the web', () => {
    expect(originFacts({ receivedFrom: { people: 5_000, web: 0 } })).toEqual([]);
    expect(originFacts({ receivedFrom: { people: 5_000, web: 7_000 } })).toEqual([
      { name: 'From people', value: '5.00\u00a0kB' },
      { name: 'From the web', value: '7.00\u00a0kB' },
    ]);
  });
});

describe('[WS8] on the page of one’s own share', () => {
  it('[WS8] it is said who can load from there', () => {
    expect(namedSentence(true)).toMatch(/when they agree/);
    expect(namedSentence(null)).toBe(namedSentence(true));
    expect(namedSentence(false)).toMatch(/does not load from web addresses.*terminal/);
  });
});
