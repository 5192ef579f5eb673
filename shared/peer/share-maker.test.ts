import { describe, expect, it } from 'vitest';
import { MAX_FILES } from '../limits.ts';
import { encodeUtf8 } from '../utf8.ts';
import { slicedReader } from './sliced-reader.ts';
import { makeShare } from './share-maker.ts';
import type { MakePorts } from './share-maker.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { MemoryFile, memoryFiles } from './testing/memory-files.ts';
import { nodeDigest, seededEntropy } from './testing/node-ports.ts';
import type { FileToShare, ShareRequest } from './verbs.ts';

const ports: MakePorts = {
  clock: new FakeClock(1_790_000_000_000),
  digest: nodeDigest,
  entropy: seededEntropy(1),
  files: memoryFiles,
};

function chosen(path: string, modified = 0, content = path): FileToShare {
  return { content: new MemoryFile(encodeUtf8(content)), path: path.split('/'), modified };
}

function request(files: readonly FileToShare[], more: Partial<ShareRequest> = {}): ShareRequest {
  return {
    files,
    folders: [],
    name: 'a share',
    comment: '',
    pieceBytes: null,
    salted: true,
    trackerHost: 'localhost',
    trackerPort: '8000',
    ...more,
  };
}

async function made(asked: ShareRequest, more: Partial<MakePorts> = {}) {
  const share = await makeShare(asked, { ...ports, ...more }, () => undefined);
  if (share.kind !== 'made') throw new Error(share.kind);
  return share;
}

it('[MF8] what a share is called is made safe', async () => {
  const share = await made(request([chosen('a/b.txt')], { name: 'Ours?/..' }));
  expect(share.manifest.name).toBe('Ours?_');
});

it('[MF2] each file has its date, and empty folders are told', async () => {
  const [old, recent] = [chosen('d/a', -86_400_000), chosen('d/b', 1_790_000_000_000)];
  const { manifest } = await made(request([old, recent], { folders: [['d', 'none'], ['d']] }));
  expect(manifest.files.map(({ modified }) => modified)).toEqual([-86_400_000, 1_790_000_000_000]);
  expect(manifest.folders).toEqual([['d', 'none']]);
});

describe('[MF4] the same files', () => {
  const dated = (modified: number) => [chosen('a.txt', modified)];

  it('make another link each time', async () => {
    const files = dated(1);
    expect((await made(request(files))).infoHash).not.toBe((await made(request(files))).infoHash);
  });

  it('make the same link without salt, at any time and whatever their dates', async () => {
    const name = 'a.txt';
    const first = await made(request(dated(1), { name, salted: false }));
    const later = { clock: new FakeClock(1_800_000_000_000) };
    const second = await made(request(dated(2), { name, salted: false }), later);
    expect(second.infoHash).toBe(first.infoHash);
    expect(first.manifest).toMatchObject({ shoal: null, creationDate: '1970-01-01T00:00:00+00:00' });
  });
});

it('[MF2] refuses no files, also beside empty folders, and too many of both', async () => {
  const refusal = (asked: ShareRequest) => makeShare(asked, ports, () => undefined);
  expect(await refusal(request([]))).toEqual({ kind: 'refused', why: 'no-files' });
  expect(await refusal(request([], { folders: [['a']] }))).toEqual({ kind: 'refused', why: 'no-files' });
  const folders = Array.from({ length: MAX_FILES }, (_, nth) => [`${nth}`]);
  expect(await refusal(request([chosen('a')], { folders }))).toEqual({
    kind: 'refused',
    why: 'too-many-files',
  });
});

it('[MF2] a salted share tells when it was made', async () => {
  const { manifest } = await made(request([chosen('a.txt')]));
  expect(manifest.creationDate).toBe('2026-09-21T14:13:20+00:00');
});

it('[SO4] names the file that cannot be read', async () => {
  const [a, b] = [chosen('d/a.txt'), chosen('d/b.txt')];
  (b.content as MemoryFile).becomes('vanished');
  const outcome = await makeShare(request([a, b]), ports, () => undefined);
  expect(outcome).toEqual({ kind: 'unreadable', file: 'b.txt' });
});

it('[MF2] refuses what is more than a link can carry', async () => {
  const read = (): Promise<never> => Promise.reject(new Error('read'));
  const huge = { ...chosen('a'), content: { size: 2 ** 52, read, inOrder: () => slicedReader({ read }) } };
  expect(await makeShare(request([huge]), ports, () => undefined)).toEqual({
    kind: 'refused',
    why: 'too-large',
  });
  const long = Array.from({ length: MAX_FILES }, (_, nth) =>
    chosen(`${'ü'.repeat(100)}${nth}/${'ö'.repeat(100)}/x`),
  );
  expect(await makeShare(request(long), ports, () => undefined)).toEqual({
    kind: 'refused',
    why: 'manifest-too-large',
  });
});
