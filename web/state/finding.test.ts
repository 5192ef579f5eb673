import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../shared/peer/testing/fake-clock.ts';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { AGAIN_MS, Finding, REST_MS, RESULTS_AT_ONCE, TYPING_MS } from './finding.svelte.ts';
import type { SearchOutcome, SearchResult } from './session.ts';
import { idOf } from './transfer.fixture.ts';

let worker: FakeWorker;
let clock: FakeClock;
let kept: string;
let finding: Finding;

beforeEach(() => {
  [worker, clock, kept] = [new FakeWorker(), new FakeClock(), ''];
  finding = opened();
});

function opened(): Finding {
  const transfers = worker.transfers();
  return new Finding({
    ask: (verb) => transfers.ask(verb),
    after: (ms, run) => clock.after(ms, run),
    typed: { get: () => kept, set: (text) => (kept = text) },
  });
}

const found = (nth: number): SearchResult => ({
  ...{ infoHash: idOf((nth % 16).toString(16)), name: `film ${nth}`, size: 1, files: 1 },
  ...{ complete: 1, incomplete: 0 },
});

function answering(...nths: number[]): SearchOutcome & { kind: 'found' } {
  return { kind: 'found', total: nths.length, results: nths.map(found) };
}

async function came(ms = 0): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await settle();
  await clock.advance(ms);
  for (let turn = 0; turn < 3; turn++) await settle();
}

const labels = () => finding.rows.map(({ label }) => label);
const queries = () => worker.searched.map(({ query }) => query);

describe('[UI23] searching', () => {
  it('[UI23] begins with everything, in the order of the server', async () => {
    worker.found = answering(3, 1, 2);
    expect(finding.isSearching).toBe(true);
    finding.begin();
    await came();
    expect(worker.searched).toEqual([{ query: '', offset: 0, limit: RESULTS_AT_ONCE }]);
    expect([labels(), finding.isSearching, finding.total]).toEqual([
      ['film 3', 'film 1', 'film 2'],
      false,
      3,
    ]);
  });

  it('[UI23] waits until no key was pressed for a moment, and keeps what was found until then', async () => {
    worker.found = answering(1);
    finding.begin();
    await came();
    for (const text of ['f', 'fi', 'fil']) {
      finding.typed(text);
      await came(TYPING_MS - 1);
    }
    expect([queries(), labels(), finding.isSearching]).toEqual([[''], ['film 1'], true]);
    await came(1);
    expect([queries(), kept, finding.isSearching]).toEqual([['', 'fil'], 'fil', false]);
  });

  it('[UI23] at once by the enter key, and not once more afterwards', async () => {
    finding.begin();
    await came();
    finding.typed('film');
    await finding.searchNow();
    await came(TYPING_MS);
    expect(queries()).toEqual(['', 'film']);
  });

  it('[UI23] of several the last one counts, whatever comes first', async () => {
    const answers: ((outcome: SearchOutcome) => void)[] = [];
    worker.found = () => new Promise((resolve) => answers.push(resolve));
    finding.begin();
    await came();
    finding.typed('b');
    await came(TYPING_MS);
    answers[1]?.(answering(2));
    await came();
    answers[0]?.(answering(1));
    await came();
    expect([labels(), finding.isSearching]).toEqual([['film 2'], false]);
  });

  it('[UI23] a link is not told to the server, and what was found before goes', async () => {
    worker.found = answering(1);
    finding.begin();
    await came();
    finding.typed(`https://shoal.example/#${'A'.repeat(43)}`);
    await came(AGAIN_MS);
    expect([queries(), labels(), finding.isSearching, finding.sought.kind]).toEqual([
      [''],
      [],
      false,
      'link',
    ]);
    finding.visible = false;
    finding.visible = true;
    await came(AGAIN_MS);
    expect(queries()).toEqual(['']);
  });

  it('[UI23] what was typed before is looked for when the page is opened again', async () => {
    kept = 'film';
    finding = opened();
    finding.begin();
    await came();
    expect([queries(), finding.text]).toEqual([['film'], 'film']);
  });
});

describe('[UI23] asking again', () => {
  it('[UI23] every ten seconds, without moving what is shown', async () => {
    worker.found = answering(1, 2, 3);
    finding.begin();
    await came();
    worker.found = answering(4, 3, 2);
    await came(AGAIN_MS - 1);
    expect(worker.searched).toHaveLength(1);
    await came(1);
    expect([worker.searched.length, labels(), finding.isSearching]).toEqual([
      2,
      ['film 2', 'film 3', 'film 4'],
      false,
    ]);
  });

  it('[UI23] not while nobody sees the page, at once when it is seen again, and never when it is left', async () => {
    finding.begin();
    await came();
    finding.visible = false;
    await came(60_000);
    expect(worker.searched).toHaveLength(1);
    finding.visible = true;
    await came();
    expect(worker.searched).toHaveLength(2);
    await came(AGAIN_MS);
    expect(worker.searched).toHaveLength(3);
    finding.end();
    await came(60_000);
    finding.visible = false;
    finding.visible = true;
    await came(60_000);
    expect(worker.searched).toHaveLength(3);
  });

  it('[UI23] what was typed while nobody saw the page is looked for when somebody does', async () => {
    finding.begin();
    await came();
    finding.typed('film');
    finding.visible = false;
    await came(60_000);
    expect(queries()).toEqual(['']);
    finding.visible = true;
    await came();
    expect(queries()).toEqual(['', 'film']);
  });
});

describe('[UI23] pages', () => {
  /** A server with 60 shares that tells at most 20 at once, as it does where texts are long. */
  function manyShares(): void {
    worker.found = ({ offset = 0 }) => {
      const nths = Array.from({ length: 20 }, (_, nth) => offset + nth).filter((nth) => nth < 60);
      const results = nths.map((nth) => ({ ...found(nth), infoHash: idOf('a'), name: `film ${nth}` }));
      return {
        ...{ kind: 'found', total: 60 },
        results: results.map((result, nth) => ({
          ...result,
          infoHash: `${'0'.repeat(62)}${nth + 10}` as never,
        })),
      };
    };
  }

  it('[UI23] go on behind the last that was told, and back to where the one before began', async () => {
    manyShares();
    finding.begin();
    await came();
    expect([finding.hasPrevious, finding.hasNext, labels()[0]]).toEqual([false, true, 'film 0']);
    await finding.next();
    await finding.next();
    expect([finding.offset, labels()[0], finding.hasNext]).toEqual([40, 'film 40', false]);
    await finding.next();
    expect(finding.offset).toBe(40);
    await came(AGAIN_MS);
    expect(worker.searched.at(-1)?.offset).toBe(40);
    await finding.previous();
    expect([finding.offset, labels()[0], finding.hasPrevious]).toEqual([20, 'film 20', true]);
    finding.typed('other');
    await came(TYPING_MS);
    expect([finding.offset, finding.hasPrevious]).toEqual([0, false]);
    await finding.previous();
    expect(finding.offset).toBe(0);
  });

  it('[UI23] one from which everything has gone leads back to the one before', async () => {
    manyShares();
    finding.begin();
    await came();
    await finding.next();
    worker.found = ({ offset = 0 }) => (offset > 0 ? { ...answering(), total: 2 } : answering(1, 2));
    await came(AGAIN_MS);
    expect([finding.offset, labels(), finding.hasPrevious]).toEqual([0, ['film 1', 'film 2'], false]);
  });
});

describe('[UI23] when it does not work', () => {
  it('[UI23] what was found stays while the server is away, and is asked for again', async () => {
    worker.found = answering(1);
    finding.begin();
    await came();
    worker.found = { kind: 'not-searched', why: 'away' };
    await came(AGAIN_MS);
    expect([finding.why, labels()]).toEqual(['away', ['film 1']]);
    worker.found = answering(1, 2);
    await came(AGAIN_MS);
    expect([finding.why, labels()]).toEqual([null, ['film 1', 'film 2']]);
  });

  it('[UI23] what was found for something else does not stay', async () => {
    worker.found = answering(1);
    finding.begin();
    await came();
    worker.found = { kind: 'not-searched', why: 'silent' };
    finding.typed('other');
    await came(TYPING_MS);
    expect([finding.why, labels(), finding.isSearching]).toEqual(['silent', [], false]);
  });

  it('[UI23] a page that does not come leaves the one before where it is', async () => {
    worker.found = { ...answering(1), total: 2 };
    finding.begin();
    await came();
    worker.found = { kind: 'not-searched', why: 'away' };
    await finding.next();
    expect([finding.why, finding.offset, labels()]).toEqual(['away', 0, ['film 1']]);
    worker.found = answering(2);
    await finding.next();
    expect([finding.why, finding.offset, labels()]).toEqual([null, 1, ['film 2']]);
  });

  it('[UI23] a server that is asked too often is left alone for longer', async () => {
    worker.found = { kind: 'not-searched', why: 'too-often' };
    finding.begin();
    await came(REST_MS - 1);
    expect(worker.searched).toHaveLength(1);
    await came(1);
    expect(worker.searched).toHaveLength(2);
  });

  it('[UI23] one that made way for other tabs is asked again at once', async () => {
    worker.found = { kind: 'not-searched', why: 'superseded' };
    finding.begin();
    await came();
    expect([finding.why, finding.isSearching]).toEqual([null, true]);
    worker.found = answering(1);
    await came(TYPING_MS);
    expect([labels(), finding.isSearching]).toEqual([['film 1'], false]);
  });

  it('[UI23] a page without a worker says so', async () => {
    const transfers = worker.transfers(async () => Promise.reject(new Error('no worker')));
    finding = new Finding({
      ask: (verb) => transfers.ask(verb),
      after: (ms, run) => clock.after(ms, run),
      typed: { get: () => '', set: () => undefined },
    });
    finding.begin();
    await came();
    expect(finding.why).toBe('refused');
  });
});
