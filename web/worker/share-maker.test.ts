import { describe, expect, it } from 'vitest';
import type { ChosenFile, ShareRequest } from './contract.ts';
import { makeShare } from './share-maker.ts';

function chosen(path: string, content = path): ChosenFile {
  const names = path.split('/');
  return { file: new File([content], names.at(-1) ?? ''), path: names };
}

function request(files: readonly ChosenFile[], more: Partial<ShareRequest> = {}): ShareRequest {
  return {
    files,
    name: '',
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

describe('[MF8] what a share is called', () => {
  it.each([
    { paths: ['a.txt'], name: 'a.txt' },
    { paths: ['Holiday/a.txt'], name: 'a.txt' },
    { paths: ['Holiday/a.txt', 'Holiday/pictures/b.jpg'], name: 'Holiday' },
  ])('$paths: $name', async ({ paths, name }) => {
    expect((await made(request(paths.map((path) => chosen(path))))).manifest.name).toBe(name);
  });

  it('what was typed goes before the rest', async () => {
    const asked = request([chosen('a/b.txt'), chosen('a/c.txt')], { name: 'Ours' });
    expect((await made(asked)).manifest.name).toBe('Ours');
  });
});

it('[MF4] the same files make another link each time, and the same one without salt', async () => {
  const files = [chosen('a.txt')];
  expect((await made(request(files))).infoHash).not.toBe((await made(request(files))).infoHash);
  const plain = request(files, { salted: false });
  expect((await made(plain)).infoHash).toBe((await made(plain)).infoHash);
});

it('refuses no files', async () => {
  expect(await makeShare(request([]), () => undefined)).toEqual({ kind: 'refused', why: 'no-files' });
});
