/** A whole peer over a browser's store that dies at any step, and the peer that comes after it. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import { sha256Hex } from '../../../shared/peer/digests.ts';
import { nodeDigest } from '../../../shared/peer/testing/node-ports.ts';
import type { TestPeer } from '../../../shared/peer/testing/test-peer.ts';
import { PeerLab, infoHashOf, requestOf, someBytes } from '../../../shared/peer/testing/test-peer.ts';
import { inconsistencies } from './consistent.fixture.ts';
import { dieAt } from './dying.fixture.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';
import type { StoreOpening } from './indexeddb-store.ts';

const NAME = 'shoal';
const PIECE = 16_384;
const CONTENT = someBytes(12 * PIECE + 100);

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  return () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

type Kept = StoreOpening & { kind: 'opened' };

async function opened(): Promise<Kept> {
  const opening = await openIndexedDbStore(NAME);
  if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
  return opening;
}

interface Session {
  readonly kept: Kept;
  readonly receiver: TestPeer;
}

class Scene {
  readonly lab = new PeerLab();
  readonly sharer = this.lab.peer();
  /** Two links to the same content. */
  links: InfoHash[] = [];

  async share(): Promise<void> {
    const request = requestOf([['film.bin', CONTENT]]);
    for (let link = 0; link < 2; link++) this.links.push(infoHashOf(await this.sharer.peer.share(request)));
  }

  async session(): Promise<Session> {
    const kept = await opened();
    const receiver = this.lab.peer(kept);
    await receiver.peer.restore();
    return { kept, receiver };
  }

  async finish({ receiver }: Session, link: InfoHash): Promise<void> {
    await receiver.peer.download(link);
    await this.lab.clock.until(() => receiver.snapshots.get(link)?.phase === 'complete', 'complete');
  }

  /** Nobody hears of it but by silence. */
  async kill({ kept, receiver }: Session): Promise<void> {
    kept.store.close();
    await receiver.peer.close();
  }

  async sent(): Promise<number> {
    await this.lab.clock.advance(1_000);
    return this.links.reduce((sum, link) => sum + this.sharer.of(link).uploadedBytes, 0);
  }
}

/** What was verified and is in the database, read by a store of its own. */
async function committed(link: InfoHash): Promise<number> {
  const { store } = await opened();
  let bytes = 0;
  for (const piece of await store.ownedPieces(link)) {
    const read = await store.piece(link, piece);
    const original = CONTENT.slice(piece * PIECE, (piece + 1) * PIECE);
    expect(Buffer.from(read ?? []).equals(original), `piece ${piece} is trusted and wrong`).toBe(true);
    bytes += original.length;
  }
  store.close();
  return bytes;
}

async function expectWhole({ kept }: Session, link: InfoHash): Promise<void> {
  const pieces: Uint8Array[] = [];
  for (const piece of await kept.store.ownedPieces(link)) {
    pieces.push((await kept.store.piece(link, piece)) ?? new Uint8Array());
  }
  const sha256 = await sha256Hex(nodeDigest, new Uint8Array(Buffer.concat(pieces)));
  expect(sha256).toBe(await sha256Hex(nodeDigest, CONTENT));
  expect(await inconsistencies(NAME)).toEqual([]);
}

/** What is under way when the browser dies. */
const WORKS: Readonly<Record<string, (scene: Scene, session: Session) => Promise<void>>> = {
  'a download': async (scene, { receiver }) => {
    await receiver.peer.download(scene.links[0]!);
    await scene.lab.clock.advance(3_000);
  },
  'the adoption of what another link brought': async (scene, { receiver }) => {
    await receiver.peer.download(scene.links[1]!);
    await scene.lab.clock.advance(3_000);
  },
  compaction: async (_, { kept }) => {
    while ((await kept.store.compact()).kind === 'more');
  },
  'the removal of one of two links': async (scene, { receiver }) => {
    await receiver.peer.remove(scene.links[1]!);
  },
};

/** What was here before that. */
const BEFORE: Readonly<Record<string, number>> = {
  'a download': 0,
  'the adoption of what another link brought': 1,
  compaction: 2,
  'the removal of one of two links': 2,
};

describe('[ST2] [LB2] [LB7] [LB8] a peer whose browser dies', () => {
  test.each(Object.keys(WORKS))(
    'in %s: the next one asks again for what was not committed, and for nothing else',
    async (name) => {
      const work = WORKS[name]!;

      async function prepared(): Promise<{ scene: Scene; session: Session }> {
        vi.stubGlobal('indexedDB', new IDBFactory());
        const scene = new Scene();
        await scene.share();
        const session = await scene.session();
        for (const link of scene.links.slice(0, BEFORE[name])) await scene.finish(session, link);
        return { scene, session };
      }

      const whole = await prepared();
      const counting = dieAt(Infinity);
      await work(whole.scene, whole.session);
      counting.over();
      await whole.scene.kill(whole.session);
      const step = Math.max(1, Math.floor(counting.requests / 12));
      let kinds = new Set<string>();
      for (let at = 0; at < counting.requests; at += step) {
        const { scene, session } = await prepared();
        const death = dieAt(at);
        await work(scene, session);
        await scene.kill(session);
        death.over();
        const here = await committed(scene.links[0]!);
        kinds = kinds.add(here === 0 ? 'nothing' : here < CONTENT.length ? 'some' : 'all');
        const before = await scene.sent();
        const next = await scene.session();
        await scene.finish(next, scene.links[0]!);
        expect((await scene.sent()) - before).toBe(CONTENT.length - here);
        await expectWhole(next, scene.links[0]!);
        expect(next.receiver.broken).toEqual([]);
        await scene.kill(next);
      }
      if (name === 'a download') expect(kinds.size).toBeGreaterThan(1);
      else expect([...kinds]).toEqual(['all']);
    },
    240_000,
  );
});
