import { describe, expect, it } from 'vitest';
import { infoHash as checked, peerId } from '../ids.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import { DeliveryCount } from './delivery-count.ts';
import { Library, MemoryLibrary } from './library.ts';

const SHARE = checked('5a'.repeat(32)) as InfoHash;
const [OTHER, OURS] = ['01', '02'].map((digits) => peerId(digits.repeat(32))) as [PeerId, PeerId];

function counting(library: Library) {
  const told: number[] = [];
  const share = { infoHash: SHARE, delivered: 0 };
  const count = new DeliveryCount<typeof share>({
    library,
    self: { ownTabs: [OURS] },
    teller: { changed: ({ delivered }) => void told.push(delivered) },
  });
  return { count, share, told };
}

async function libraryWithShare(): Promise<Library> {
  const library = new Library(new MemoryLibrary());
  await library.add({
    ...{ infoHash: SHARE, role: 'sharing', intent: 'sharing', name: 'a', totalBytes: 1, fileCount: 1 },
    ...{ addedAt: 1, finishedAt: 1, savedAt: null },
  });
  return library;
}

async function settled(library: Library): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await library.entries();
}

describe('[EN8] deliveries', () => {
  it('are counted over restarts', async () => {
    const library = await libraryWithShare();
    const first = counting(library);
    first.count.began(first.share);
    first.count.completed(first.share, OTHER);
    first.count.completed(first.share, OTHER);
    await settled(library);
    expect(first.share.delivered).toBe(2);
    const second = counting(library);
    second.count.began(second.share);
    await settled(library);
    expect(second.told).toEqual([2]);
  });

  it('to a tab of our own are none', async () => {
    const library = await libraryWithShare();
    const { count, share, told } = counting(library);
    count.completed(share, OURS);
    await settled(library);
    expect([share.delivered, told]).toEqual([0, []]);
  });

  it('of what has no entry are counted while the peer lives', async () => {
    const library = new Library(new MemoryLibrary());
    const { count, share } = counting(library);
    count.completed(share, OTHER);
    await settled(library);
    expect(share.delivered).toBe(1);
    expect(await library.entry(SHARE)).toBeNull();
  });
});
