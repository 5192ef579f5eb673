import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import { settingsRules } from '../../../shared/peer/contracts/settings-store.ts';
import type { FileToShare } from '../../../shared/peer/ports.ts';
import { FIRST_SETTINGS } from '../../../shared/peer/settings.ts';
import { BlobContent } from '../blob-content.ts';
import type { FileHandle } from '../file-handle.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';

const [ONE, OTHER] = ['a1', 'b2'].map((digits) => digits.repeat(32)) as [InfoHash, InfoHash];

/** A file, or a folder with some: as Chromium's handles, but that a test says what may be read. */
class FakeHandle {
  readonly kind: 'file' | 'directory';
  readonly name: string;
  permission: PermissionState = 'granted';
  asked = 0;
  readonly #children: readonly FakeHandle[];
  #content: string | null;

  constructor(name: string, content: string | readonly FakeHandle[]) {
    this.name = name;
    this.kind = typeof content === 'string' ? 'file' : 'directory';
    this.#content = typeof content === 'string' ? content : null;
    this.#children = typeof content === 'string' ? [] : content;
  }

  deleted(): void {
    this.#content = null;
  }

  async queryPermission({ mode }: { mode: string }): Promise<PermissionState> {
    this.asked += 1;
    return mode === 'read' ? this.permission : 'denied';
  }

  async getFile(): Promise<File> {
    if (this.#content === null) throw new DOMException('gone', 'NotFoundError');
    return new File([this.#content], this.name, { lastModified: 7 });
  }

  getFileHandle = (name: string) => this.#child(name, 'file');
  getDirectoryHandle = (name: string) => this.#child(name, 'directory');

  async #child(name: string, kind: string): Promise<FakeHandle> {
    const child = this.#children.find((one) => one.name === name && one.kind === kind);
    if (child === undefined) throw new DOMException('no such child', 'NotFoundError');
    return child;
  }
}

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  // A browser clones handles, which no other platform knows: they stay who they are here.
  const clone = structuredClone;
  const cloned = (value: unknown): unknown => {
    if (value instanceof FakeHandle) return value;
    if (Array.isArray(value)) return value.map(cloned);
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
      return clone(value);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cloned(inner)]));
  };
  vi.stubGlobal('structuredClone', cloned);
  return () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

async function opened() {
  const opening = await openIndexedDbStore('shoal');
  if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
  return opening;
}

function given(path: string, handle: FakeHandle | null): FileToShare {
  const content = new BlobContent(new Blob(['x']), handle as unknown as FileHandle | null);
  return { content, path: path.split('/'), modified: 1 };
}

async function textsOf(files: readonly FileToShare[]): Promise<(readonly [string, string])[]> {
  return Promise.all(
    files.map(async ({ content, path }) => {
      const read = await content.read(0, content.size);
      return [
        path.join('/'),
        read.kind === 'read' ? new TextDecoder().decode(read.bytes) : read.why,
      ] as const;
    }),
  );
}

function folder() {
  const [a, b] = [new FakeHandle('a.txt', 'the first'), new FakeHandle('b.txt', 'the second')];
  return { a, b, root: new FakeHandle('Ours', [b, new FakeHandle('deep', [a])]) };
}

describe('[LB5] handles in IndexedDB', () => {
  test('[LB5] loose files are read again, in the order in which they were given, also when the database is opened anew', async () => {
    const [a, b] = [new FakeHandle('a.txt', 'the first'), new FakeHandle('b.txt', 'the second')];
    expect(await (await opened()).kept.keep(ONE, [given('b.txt', b), given('a.txt', a)])).toBe(true);
    const { kept } = await opened();
    const opening = await kept.open(ONE);
    if (opening.kind !== 'opened') throw new Error(opening.kind);
    expect(await textsOf(opening.files)).toEqual([
      ['b.txt', 'the second'],
      ['a.txt', 'the first'],
    ]);
    expect(opening.files[0]?.modified).toBe(7);
    expect([await kept.shares(), await kept.open(OTHER)]).toEqual([[ONE], { kind: 'not-kept' }]);
  });

  test('[LB5] files of a folder are found by its one handle, which is asked once', async () => {
    const { root } = folder();
    const { kept } = await opened();
    await kept.keep(ONE, [given('Ours/deep/a.txt', root), given('Ours/b.txt', root)]);
    expect(await kept.handlesOf(ONE)).toEqual([root]);
    const opening = await kept.open(ONE);
    if (opening.kind !== 'opened') throw new Error(opening.kind);
    expect(await textsOf(opening.files)).toEqual([
      ['Ours/deep/a.txt', 'the first'],
      ['Ours/b.txt', 'the second'],
    ]);
    expect(root.asked).toBe(1);
    // They can be kept once more as they were found.
    expect(await kept.keep(OTHER, opening.files)).toBe(true);
  });

  test('[LB5] of ten thousand files every one is found', async () => {
    const names = Array.from({ length: 10_000 }, (_, nth) => `${nth}`);
    const root = new FakeHandle(
      'All',
      names.map((name) => new FakeHandle(name, name)),
    );
    const { kept } = await opened();
    await kept.keep(
      ONE,
      names.map((name) => given(`All/${name}`, root)),
    );
    const opening = await kept.open(ONE);
    expect(opening.kind === 'opened' && opening.files.map(({ path }) => path[1])).toEqual(names);
  });

  test.each<[PermissionState, string]>([
    ['prompt', 'permission-needed'],
    ['denied', 'gone'],
  ])('[LB5] one whose permission is “%s” is %s, and no file is looked at', async (permission, kind) => {
    const [a, b] = [new FakeHandle('a.txt', 'a'), new FakeHandle('b.txt', 'b')];
    b.permission = permission;
    a.deleted();
    const { kept } = await opened();
    await kept.keep(ONE, [given('a.txt', a), given('b.txt', b)]);
    expect(await kept.open(ONE)).toEqual({ kind });
  });

  test('[LB5] one of which a file was deleted or moved is gone', async () => {
    const { kept } = await opened();
    const { a, root } = folder();
    await kept.keep(ONE, [given('Ours/deep/a.txt', root)]);
    a.deleted();
    expect(await kept.open(ONE)).toEqual({ kind: 'gone' });
    await kept.keep(ONE, [given('Ours/other/a.txt', root)]);
    expect(await kept.open(ONE)).toEqual({ kind: 'gone' });
  });

  test('[LB5] where one file came without a handle nothing is kept, and what was kept before is gone', async () => {
    const handle = new FakeHandle('a.txt', 'a');
    const { kept } = await opened();
    await kept.keep(ONE, [given('a.txt', handle)]);
    expect(await kept.keep(ONE, [given('a.txt', handle), given('b.txt', null)])).toBe(false);
    expect([await kept.open(ONE), await kept.shares()]).toEqual([{ kind: 'not-kept' }, []]);
  });

  test('[LB5] what is forgotten is not kept any more', async () => {
    const { kept } = await opened();
    for (const infoHash of [ONE, OTHER]) await kept.keep(infoHash, [given('a', new FakeHandle('a', 'a'))]);
    await kept.forget(ONE);
    expect([await kept.shares(), await kept.handlesOf(ONE)]).toEqual([[OTHER], []]);
  });

  test('[ST5] what finds no room, or cannot be stored, is not kept', async () => {
    const { kept } = await opened();
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('the disk is full', 'QuotaExceededError');
    });
    expect(await kept.keep(ONE, [given('a', new FakeHandle('a', 'a'))])).toBe(false);
    expect(await kept.open(ONE)).toEqual({ kind: 'not-kept' });
  });
});

describe('settings in IndexedDB', () => {
  test.each(settingsRules)('$name', ({ check }) => check(async () => (await opened()).settings));

  test('[ST5] what finds no room is as if it had not been set', async () => {
    const { settings } = await opened();
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('the disk is full', 'QuotaExceededError');
    });
    await settings.write({ ...FIRST_SETTINGS, keepSmallCopies: false });
    expect(await settings.read()).toBeUndefined();
  });
});
