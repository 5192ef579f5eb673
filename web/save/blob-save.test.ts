import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../shared/ids.ts';
import { saveResponse } from '../sw/save-response.ts';
import { BLOB_GROUP_BYTES } from '../../shared/peer/limits.ts';
import { blobOf, blobPlan } from '../worker/saving/blob-of.ts';
import { BlobGatherer } from '../worker/saving/gathered-blob.ts';
import { storedShare } from '../worker/saving/stored-share.fixture.ts';
import type { StoredShare } from '../worker/saving/stored-share.fixture.ts';
import { storedEntries } from '../worker/saving/stored-zip.fixture.ts';
import { blobSave } from './blob-save.ts';

interface Handed {
  readonly name: string;
  readonly blob: Blob;
}

let handed: Handed[];

/** A page that notes what its links download. */
beforeEach(() => {
  handed = [];
  const blobs = new Map<string, Blob>();
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    blobs.set(`blob:${blobs.size}`, blob as Blob);
    return `blob:${blobs.size - 1}`;
  });
  vi.stubGlobal('document', {
    body: { append: () => undefined },
    createElement: () => ({
      href: '',
      download: '',
      click(this: { href: string; download: string }) {
        handed.push({ name: this.download, blob: blobs.get(this.href) ?? new Blob() });
      },
      remove: () => undefined,
    }),
  });
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

function save(share: StoredShare, one: number | null = null): ReturnType<typeof blobSave> {
  const { store, infoHash } = share;
  const session = {
    blobPlan: (hash: InfoHash, file: number | null) => blobPlan(share, hash, file),
    blobOf: (hash: InfoHash, file: number) => blobOf(store, hash, file),
  };
  return blobSave(infoHash, session, one);
}

async function saved(
  share: StoredShare,
  file: number | null = null,
): Promise<{ name: string; bytes: Uint8Array }> {
  expect(await save(share, file)).toEqual({ kind: 'saved' });
  const [one] = handed;
  return { name: one?.name ?? '', bytes: new Uint8Array((await one?.blob.arrayBuffer()) ?? []) };
}

/** The same share as the service worker answers it. */
async function streamed(share: StoredShare, file: number | 'zip') {
  const { infoHash } = share;
  const silent = { begun: () => undefined, saved: () => undefined, failed: () => undefined };
  const response = await saveResponse(share, { infoHash, file }, silent);
  return {
    name: decodeURIComponent(
      /UTF-8''(.*)$/.exec(response?.headers.get('content-disposition') ?? '')?.[1] ?? '',
    ),
    bytes: new Uint8Array((await response?.arrayBuffer()) ?? []),
  };
}

const OLD = Date.UTC(1999, 11, 31, 1, 2, 4);

describe('saving as a Blob', () => {
  test('[SA6] a plain file is itself, under its name', async () => {
    const share = await storedShare({ name: 'π.bin', files: [{ path: ['π.bin'], size: 250 }] });
    const whole = await saved(share);
    expect(whole).toEqual({ name: 'π.bin', bytes: share.content });
    expect(whole).toEqual(await streamed(share, 0));
  });

  test('[SA6] [MF9] a plain file loses its marks', async () => {
    const share = await storedShare({ name: 'a', files: [{ path: ['a\u202etxt.exe'], size: 3 }] });
    expect((await saved(share)).name).toBe('atxt.exe');
  });

  test('[SA6] [SA8] a zip is byte for byte the one that the service worker streams', async () => {
    const share = await storedShare({
      name: 'Ferien',
      files: [
        { path: ['f', 'a\u200e.txt'], size: 250, modified: OLD },
        { path: ['f', 'a.txt'], size: 0, modified: -1 },
        { path: ['f', 'b'], size: 3 },
      ],
      folders: [['f', 'none']],
    });
    const zip = await saved(share);
    expect(zip.name).toBe('Ferien.zip');
    expect(storedEntries(zip.bytes)).toEqual([
      { path: 'f/a (2).txt', bytes: share.content.slice(0, 250), modified: new Date(OLD) },
      { path: 'f/a.txt', bytes: new Uint8Array(0), modified: new Date(1980, 0, 1) },
      { path: 'f/b', bytes: share.content.slice(250), modified: new Date('2026-01-02T03:04:06Z') },
      { path: 'f/none/', bytes: new Uint8Array(0), modified: new Date('2026-01-02T03:04:06Z') },
    ]);
    expect(zip).toEqual(await streamed(share, 'zip'));
  });

  test('[SA12] of part of a share what is wanted, and any one file that is here', async () => {
    const files = ['a', 'b', 'c'].map((name) => ({ path: ['f', name], size: 150 }));
    const share = await storedShare({ name: 'f', files }, [0, 1]);
    const zip = await saved(share);
    expect(storedEntries(zip.bytes).map(({ path }) => path)).toEqual(['f/a', 'f/b']);
    expect(zip).toEqual(await streamed(share, 'zip'));
    handed.length = 0;
    const one = await saved(share, 1);
    expect(one).toEqual({ name: 'b', bytes: share.content.slice(150, 300) });
    expect(one).toEqual(await streamed(share, 1));
    expect(await save(share, 2)).toMatchObject({ kind: 'failed' });
    expect(await save(share, 3)).toMatchObject({ kind: 'failed' });
    const only = await storedShare({ name: 'f', files }, [2]);
    handed.length = 0;
    expect((await saved(only)).name).toBe('c');
  });

  test('[SA6] large bytes are a Blob of finished Blobs, so that no more than one group of them is held', () => {
    const parts: string[][] = [];
    class NotedBlob extends Blob {
      constructor(given: BlobPart[], options?: BlobPropertyBag) {
        super(given, options);
        parts.push(given.map((part) => (part instanceof Blob ? 'blob' : 'bytes')));
      }
    }
    vi.stubGlobal('Blob', NotedBlob);
    const gatherer = new BlobGatherer();
    const chunk = new Uint8Array(BLOB_GROUP_BYTES / 2);
    for (let chunks = 0; chunks < 5; chunks++) gatherer.add(chunk);
    const whole = gatherer.whole('a/b');
    expect([whole.size, whole.type]).toEqual([2.5 * BLOB_GROUP_BYTES, 'a/b']);
    expect(parts).toEqual([
      ['bytes', 'bytes'],
      ['bytes', 'bytes'],
      ['blob', 'blob', 'bytes'],
    ]);
  });

  test('[SA6] a file in a folder, or beside an empty one, is a zip', async () => {
    const deep = await storedShare({ name: 'f', files: [{ path: ['f', 'a'], size: 5 }] });
    expect(storedEntries((await saved(deep)).bytes).map(({ path }) => path)).toEqual(['f/a']);
    handed = [];
    const beside = await storedShare({ name: 'a', files: [{ path: ['a'], size: 5 }], folders: [['none']] });
    expect(storedEntries((await saved(beside)).bytes).map(({ path }) => path)).toEqual(['a', 'none/']);
  });

  test('[SA6] says when a part is gone, and hands out nothing', async () => {
    for (const paths of [[['a']], [['a'], ['b']]]) {
      const share = await storedShare({ name: 'a', files: paths.map((path) => ({ path, size: 150 })) });
      await share.store.putPieces(share.infoHash, [
        { piece: 1, sha256: 'ab'.repeat(32), bytes: new Uint8Array(1) },
      ]);
      expect(await save(share)).toMatchObject({ kind: 'failed', why: expect.stringContaining('no longer') });
    }
    expect(handed).toEqual([]);
  });
});
