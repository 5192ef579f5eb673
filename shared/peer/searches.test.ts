import { beforeEach, describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { MAX_QUERY_LENGTH } from '../tracker/limits.ts';
import type { Search, SearchResult } from '../tracker/messages.ts';
import { MOST_SEARCHES, SEARCH_PATIENCE_MS } from './limits.ts';
import { queryOf, Searches } from './searches.ts';
import { FakeClock, settled } from './testing/fake-clock.ts';
import type { DirectoryAsk } from './tracker-client.ts';
import type { SearchOutcome } from './verbs.ts';

let clock: FakeClock;
let searches: Searches;
let tracker: {
  isLost: boolean;
  isReady: boolean;
  asked: DirectoryAsk[];
  ask(message: DirectoryAsk): boolean;
};
/** In the order in which they were settled. */
let outcomes: [string, SearchOutcome][];

beforeEach(() => {
  clock = new FakeClock();
  outcomes = [];
  tracker = {
    isLost: false,
    isReady: true,
    asked: [],
    ask(message) {
      if (this.isReady) this.asked.push(message);
      return this.isReady;
    },
  };
  searches = new Searches(clock, tracker);
});

function search(name: string, query = name, offset = 0): void {
  void searches.search({ query, offset }).then((outcome) => outcomes.push([name, outcome]));
}

function found(name: string): SearchResult {
  const infoHash = 'a1'.repeat(32) as InfoHash;
  return { infoHash, name, size: 1, files: 1, complete: 1, incomplete: 0 };
}

function answer(query: string, name: string): void {
  searches.answered({ type: 'results', query, total: 1, results: [found(name)] });
}

const names = () =>
  outcomes.map(([name, outcome]) => [name, 'why' in outcome ? outcome.why : outcome.results[0]?.name]);

describe('[PN13] whose answer it is', () => {
  test('of several at once each gets its own', async () => {
    search('one', 'a');
    search('two', 'b');
    search('three', 'a', 20);
    answer('a', 'first of a');
    answer('b', 'of b');
    answer('a', 'more of a');
    await settled();
    expect(names()).toEqual([
      ['one', 'first of a'],
      ['two', 'of b'],
      ['three', 'more of a'],
    ]);
    expect(tracker.asked.map((asked) => (asked as Search).offset)).toEqual([0, 0, 20]);
  });

  test('one that was refused in between leaves the others theirs', async () => {
    search('one', 'a');
    search('two', 'a', 20);
    searches.refused('rate-limited');
    answer('a', 'more of a');
    await settled();
    expect(names()).toEqual([
      ['one', 'too-often'],
      ['two', 'more of a'],
    ]);
  });

  test('what comes too late for one is not given to the next of the same text', async () => {
    search('one', 'a');
    await clock.advance(SEARCH_PATIENCE_MS);
    search('two', 'a', 20);
    answer('a', 'first of a');
    answer('a', 'more of a');
    await settled();
    expect(names()).toEqual([
      ['one', 'silent'],
      ['two', 'more of a'],
    ]);
  });

  test('one whose answer was no message of ours is over when a later one is answered', async () => {
    search('one', 'a');
    search('two', 'b');
    answer('b', 'of b');
    answer('c', 'that nobody asked for');
    searches.refused('rate-limited');
    await settled();
    expect(names().sort()).toEqual([
      ['one', 'silent'],
      ['two', 'of b'],
    ]);
  });

  test('the newest are asked for; of more than four the oldest is superseded, and its answer is nobody else’s', async () => {
    for (let nth = 0; nth <= MOST_SEARCHES; nth++) search(`${nth}`, 'a', nth);
    await settled();
    expect(names()).toEqual([['0', 'superseded']]);
    for (let nth = 0; nth <= MOST_SEARCHES; nth++) answer('a', `answer ${nth}`);
    await settled();
    expect(names().slice(1)).toEqual([1, 2, 3, 4].map((nth) => [`${nth}`, `answer ${nth}`]));
  });
});

describe('[PN13] why there is no answer', () => {
  test('the server is away: at once where that is known, and as soon as it goes', async () => {
    search('one');
    searches.lost();
    tracker.isLost = true;
    search('two');
    await settled();
    expect(names()).toEqual([
      ['one', 'away'],
      ['two', 'away'],
    ]);
    expect(tracker.asked).toHaveLength(1);
  });

  test('one that is asked before the tracker can be waits for it, and not for ever', async () => {
    tracker.isReady = false;
    search('one');
    await clock.advance(SEARCH_PATIENCE_MS - 1);
    search('two');
    await clock.advance(1);
    expect(names()).toEqual([['one', 'away']]);
    tracker.isReady = true;
    searches.opened();
    answer('two', 'of two');
    await settled();
    expect(names()[1]).toEqual(['two', 'of two']);
    expect(tracker.asked).toHaveLength(1);
  });

  test.each([
    ['rate-limited', 'too-often'],
    ['directory-off', 'off'],
    ['unavailable', 'refused'],
    ['something new', 'refused'],
  ])('%s is told as %s', async (code, why) => {
    search('one');
    searches.refused(code);
    searches.refused(code);
    await settled();
    expect(names()).toEqual([['one', why]]);
  });

  test.each([-1, 0.5, NaN, 2 ** 53])('an offset of %s is none', async (offset) => {
    search('one', 'a', offset);
    await settled();
    expect(names()).toEqual([['one', 'refused']]);
    expect(tracker.asked).toEqual([]);
  });
});

describe('[PN13] [TR2] what is asked', () => {
  test('is one line of at most 255 units, not cut inside a character', () => {
    expect(queryOf('  two\r\n\twords \u2028')).toBe('two words');
    expect(queryOf('two  spaces')).toBe('two  spaces');
    expect(queryOf('x'.repeat(10_000))).toHaveLength(MAX_QUERY_LENGTH);
    expect(queryOf(`${'x'.repeat(254)}😀`)).toBe('x'.repeat(254));
    expect(queryOf(`${'x'.repeat(253)}😀!`)).toBe(`${'x'.repeat(253)}😀`);
    expect(queryOf('\u202egpj')).toBe('\u202egpj');
    expect(queryOf(' ')).toBe('');
  });

  test('never asks for more than an answer may hold', async () => {
    void searches.search({ query: 'x'.repeat(300), limit: 1_000 });
    void searches.search({ query: '' });
    expect(tracker.asked).toEqual([
      { type: 'search', query: 'x'.repeat(255), offset: 0, limit: 50 },
      { type: 'search', query: '', offset: 0, limit: 20 },
    ]);
  });
});
