import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MAX_FILES } from '../../shared/limits.ts';
import type { ChosenFile, ShareRequest } from './contract.ts';
import { makeShare } from './share-maker.ts';

function chosen(path: string, content = path): ChosenFile {
  const names = path.split('/');
  return { file: new File([content], names.at(-1) ?? ''), path: names };
}

function request(files: readonly ChosenFile[], more: Partial<ShareRequest> = {}): ShareRequest {
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

async function made(asked: ShareRequest) {
  const share = await makeShare(asked, () => undefined);
  if (share.kind !== 'made') throw new Error(share.kind);
  return share;
}

it('[MF8] what a share is called is made safe', async () => {
  const share = await made(request([chosen('a/b.txt')], { name: 'Ours?/..' }));
  expect(share.manifest.name).toBe('Ours?_');
});

it('[MF2] each file has its date, and empty folders are told', async () => {
  const old = { file: new File(['x'], 'a', { lastModified: -86_400_000 }), path: ['d', 'a'] };
  const recent = { file: new File(['y'], 'b', { lastModified: 1_790_000_000_000 }), path: ['d', 'b'] };
  const { manifest } = await made(request([old, recent], { folders: [['d', 'none'], ['d']] }));
  expect(manifest.files.map(({ modified }) => modified)).toEqual([-86_400_000, 1_790_000_000_000]);
  expect(manifest.folders).toEqual([['d', 'none']]);
});

describe('[MF4] the same files', () => {
  const dated = (lastModified: number) => [
    { file: new File(['x'], 'a.txt', { lastModified }), path: ['a.txt'] },
  ];

  it('make another link each time', async () => {
    const files = dated(1);
    expect((await made(request(files))).infoHash).not.toBe((await made(request(files))).infoHash);
  });

  it('make the same link without salt, at any time and whatever their dates', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_790_000_000_000 });
    onTestFinished(() => void vi.useRealTimers());
    const name = 'a.txt';
    const first = await made(request(dated(1), { name, salted: false }));
    vi.setSystemTime(1_800_000_000_000);
    const second = await made(request(dated(2), { name, salted: false }));
    expect(second.infoHash).toBe(first.infoHash);
    expect(first.manifest).toMatchObject({ shoal: null, creationDate: '1970-01-01T00:00:00+00:00' });
  });
});

it('[MF2] refuses no files, also beside empty folders, and too many of both', async () => {
  const refusal = (asked: ShareRequest) => makeShare(asked, () => undefined);
  expect(await refusal(request([]))).toEqual({ kind: 'refused', why: 'no-files' });
  expect(await refusal(request([], { folders: [['a']] }))).toEqual({ kind: 'refused', why: 'no-files' });
  const folders = Array.from({ length: MAX_FILES }, (_, nth) => [`${nth}`]);
  expect(await refusal(request([chosen('a')], { folders }))).toEqual({
    kind: 'refused',
    why: 'too-many-files',
  });
});
