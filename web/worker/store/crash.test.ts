import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import { filled, ONE, TWO } from '../../../shared/peer/contracts/filled-piece.ts';
import type { PieceStore, StoredPiece } from '../../../shared/peer/piece-store.ts';
import { inconsistencies } from './consistent.fixture.ts';
import { dieAt } from './dying.fixture.ts';
import { BROWSERS, NAME, eachInAFreshBrowser, opened } from './fresh.fixture.ts';
import type { PrivateFiles } from './private-files.fixture.ts';

const THREE = 'c3'.repeat(32) as InfoHash;
const SHARES = [ONE, TWO, THREE] as const;

eachInAFreshBrowser();

/** What is to be here: the content of each piece of each share. */
type Expected = Map<InfoHash, Map<number, StoredPiece>>;

function expected(): Expected {
  return new Map(SHARES.map((share) => [share, new Map()]));
}

/** Reads all of it through a store that was opened just now, and has removed what belongs to nothing. */
async function expectContent(wanted: Expected, files?: PrivateFiles): Promise<void> {
  const store = await opened();
  for (const [share, pieces] of wanted) {
    expect(await store.ownedPieces(share)).toEqual([...pieces.keys()].sort((one, other) => one - other));
    for (const [piece, { sha256, bytes }] of pieces) {
      for (const read of [
        await store.piece(share, piece),
        ...(await store.contents([{ sha256, bytes: bytes.length }])),
      ]) {
        expect(Buffer.from(read ?? []).equals(bytes)).toBe(true);
      }
    }
  }
  if (files !== undefined) await store.compact();
  store.close();
  expect(await inconsistencies(NAME, files)).toEqual([]);
}

const LARGE = [30, 31].map((piece) => filled(piece, 600_000));

/** Some content is shared by two shares; segments are small. */
async function prepare(): Promise<Expected> {
  const store = await opened();
  const here = expected();
  for (const content of [1, 2, 3].map((piece) => filled(piece, 50 + piece))) {
    const { piece } = content;
    await store.putPieces(ONE, [content]);
    here.get(ONE)?.set(piece, content);
  }
  const many = [20, 21, 22, 23, 24].map((piece) => filled(piece, 90));
  await store.putPieces(THREE, many);
  await store.adopt(ONE, many.slice(0, 2));
  for (const content of many) here.get(THREE)?.set(content.piece, content);
  for (const content of many.slice(0, 2)) here.get(ONE)?.set(content.piece, content);
  store.close();
  return here;
}

interface Verb {
  readonly before?: (store: PieceStore, here: Expected) => Promise<void>;
  readonly run: (store: PieceStore) => Promise<{ readonly kind: string }>;
  /** What is here when it was done. */
  readonly applied: (here: Expected) => void;
}

const VERBS: Readonly<Record<string, Verb>> = {
  put: {
    run: (store) => store.putPieces(TWO, [filled(1, 51), filled(60, 30), { ...filled(60, 30), piece: 61 }]),
    applied: (here) => {
      here.get(TWO)?.set(1, filled(1, 51));
      for (const piece of [60, 61]) here.get(TWO)?.set(piece, filled(60, 30));
    },
  },
  'put behind another one, all of it new': {
    before: async (store, here) => {
      await store.putPieces(TWO, [filled(1, 51)]);
      here.get(TWO)?.set(1, filled(1, 51));
    },
    run: (store) => store.putPieces(TWO, [filled(60, 30), filled(61, 40), { ...filled(60, 30), piece: 62 }]),
    applied: (here) => {
      for (const piece of [60, 62]) here.get(TWO)?.set(piece, { ...filled(60, 30), piece });
      here.get(TWO)?.set(61, filled(61, 40));
    },
  },
  'put that finds only then that others have written': {
    before: async (store, here) => {
      const other = await opened();
      await store.putPieces(TWO, [filled(60, 30)]);
      await other.putPieces(TWO, [filled(61, 40)]);
      await other.putPieces(ONE, [filled(62, 50)]);
      other.close();
      for (const piece of [filled(60, 30), filled(61, 40)]) here.get(TWO)?.set(piece.piece, piece);
      here.get(ONE)?.set(62, filled(62, 50));
    },
    run: (store) => store.putPieces(TWO, [filled(61, 40), filled(62, 50), filled(63, 60)]),
    applied: (here) => {
      for (const piece of [filled(62, 50), filled(63, 60)]) here.get(TWO)?.set(piece.piece, piece);
    },
  },
  'put of other content': {
    run: (store) => store.putPieces(ONE, [{ ...filled(60, 30), piece: 3 }]),
    applied: (here) => here.get(ONE)?.set(3, filled(60, 30)),
  },
  adopt: {
    run: (store) => store.adopt(TWO, [filled(2, 52), { ...filled(22, 90), piece: 7 }]),
    applied: (here) => {
      here.get(TWO)?.set(2, filled(2, 52));
      here.get(TWO)?.set(7, filled(22, 90));
    },
  },
  'drop of what two shares have': {
    run: (store) => store.dropContent([filled(20, 90).sha256, filled(2, 52).sha256]),
    applied: (here) => {
      for (const share of SHARES) for (const piece of [2, 20]) here.get(share)?.delete(piece);
    },
  },
  'remove of what others have, too': {
    run: (store) => store.removeShare(THREE),
    applied: (here) => here.get(THREE)?.clear(),
  },
  'compaction of small segments': {
    before: async (store, here) => {
      for (const content of LARGE) {
        await store.putPieces(TWO, [content]);
        here.get(TWO)?.set(content.piece, content);
      }
    },
    run: (store) => store.compact(),
    applied: () => undefined,
  },
  'compaction of a sparse segment': {
    before: async (store, here) => {
      await store.removeShare(THREE);
      here.get(THREE)?.clear();
    },
    run: (store) => store.compact(),
    applied: () => undefined,
  },
};

/** Of what is large, once is enough. */
const FORMS = Object.entries(BROWSERS).flatMap(([form, install]) =>
  Object.entries(VERBS)
    .filter(([name]) => form === 'files' || name !== 'compaction of small segments')
    .map(([name, verb]) => ({ form, install, name, verb })),
);

describe('[ST2] [ST9] [ST10] [ST16] a browser that dies between any two steps', () => {
  test.each(FORMS)(
    'of $name has all of it or nothing ($form)',
    async ({ name, form, install, verb: { before, run, applied } }) => {
      async function begin(): Promise<{
        store: PieceStore;
        here: Expected;
        files: PrivateFiles | undefined;
      }> {
        vi.stubGlobal('indexedDB', new IDBFactory());
        const files = install();
        const here = await prepare();
        const store = await opened();
        await before?.(store, here);
        return { store, here, files };
      }

      const { store, here, files } = await begin();
      const counting = dieAt(Infinity, 'before', files);
      expect((await run(store)).kind).not.toMatch(/failed|done/);
      store.close();
      counting.over();
      applied(here);
      await expectContent(here, files);
      for (let step = -1; step < counting.requests; step++) {
        const dying = await begin();
        const death = step === -1 ? dieAt(0, 'before', dying.files) : dieAt(step, 'behind', dying.files);
        const { kind } = await run(dying.store);
        dying.store.close();
        death.over();
        // A segment that cannot be read for it is left alone by compaction, and that is all.
        if (form === 'Blobs') expect(kind).toMatch(name.startsWith('compaction') ? /failed|more/ : /failed/);
        if (kind !== 'failed') applied(dying.here);
        await expectContent(dying.here, dying.files);
      }
    },
  );
});

describe.each(Object.entries(BROWSERS))(
  '[ST1] [ST9] [ST10] [ST16] whatever is done in whatever order (%s)',
  (_, install) => {
    type Command =
      | { kind: 'put'; share: number; pieces: [piece: number, content: number][] }
      | { kind: 'adopt'; share: number; pieces: [piece: number, content: number][] }
      | { kind: 'drop'; content: number }
      | { kind: 'remove'; share: number }
      | { kind: 'compact' };

    const share = fc.nat(SHARES.length - 1);
    const pieces = fc.array(fc.tuple(fc.nat(12), fc.nat(20)), { minLength: 1, maxLength: 6 });
    const command: fc.Arbitrary<Command> = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), share, pieces }),
      fc.record({ kind: fc.constant('adopt' as const), share, pieces }),
      fc.record({ kind: fc.constant('drop' as const), content: fc.nat(20) }),
      fc.record({ kind: fc.constant('remove' as const), share }),
      fc.record({ kind: fc.constant('compact' as const) }),
    );

    /** The last ones are large enough for two of them to be put together. */
    const contents = Array.from({ length: 21 }, (_, at) => filled(at, at < 18 ? 20 + 10 * at : 540_000));
    const contentOf = ([piece, content]: [number, number]): StoredPiece => ({
      ...(contents[content] ?? filled(0, 20)),
      piece,
    });

    /** One content for each piece. */
    function wantedBy({ pieces: all }: Extract<Command, { pieces: unknown }>): StoredPiece[] {
      return [...new Map(all)].map(contentOf);
    }

    /** What the plain model makes of it. */
    function apply(here: Expected, command: Command): void {
      if (command.kind === 'compact') return;
      if (command.kind === 'drop') {
        const { sha256 } = contentOf([0, command.content]);
        for (const pieces of here.values())
          for (const [piece, content] of pieces) if (content.sha256 === sha256) pieces.delete(piece);
        return;
      }
      const own = here.get(SHARES[command.share] ?? ONE);
      if (command.kind === 'remove') return own?.clear();
      const stored = new Set(
        [...here.values()].flatMap((all) => [...all.values()].map(({ sha256 }) => sha256)),
      );
      for (const content of wantedBy(command)) {
        if (command.kind === 'adopt' && !stored.has(content.sha256)) continue;
        own?.set(content.piece, content);
      }
    }

    function run(store: PieceStore, command: Command): Promise<{ kind: string }> {
      if (command.kind === 'compact') return store.compact();
      if (command.kind === 'drop') return store.dropContent([contentOf([0, command.content]).sha256]);
      const infoHash = SHARES[command.share] ?? ONE;
      if (command.kind === 'remove') return store.removeShare(infoHash);
      const wanted = wantedBy(command);
      return command.kind === 'put' ? store.putPieces(infoHash, wanted) : store.adopt(infoHash, wanted);
    }

    test('and wherever the browser dies, what was stored is here, and nothing else', async () => {
      const step = fc.option(fc.nat(30), { nil: Infinity });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(command, step), { maxLength: 25 }), async (commands) => {
          vi.stubGlobal('indexedDB', new IDBFactory());
          const files = install();
          const here = expected();
          let store = await opened();
          for (const [next, dies] of commands) {
            const death = dieAt(dies, 'before', files);
            const { kind } = await run(store, next);
            if (kind !== 'failed') apply(here, next);
            if (kind === 'failed') store.close();
            death.over();
            if (kind === 'failed') store = await opened();
          }
          store.close();
          await expectContent(here, files);
        }),
        { numRuns: 40 },
      );
    });
  },
);
