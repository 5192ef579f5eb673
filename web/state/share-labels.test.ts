import { describe, expect, it } from 'vitest';
import { shareLabels, shareTitle } from './share-labels.ts';
import { idOf } from './transfer.fixture.ts';

describe('[UI20] what shares are called', () => {
  it('[UI20] each has a label of its own, however often it is listed', () => {
    const labels = shareLabels([
      { infoHash: idOf('a'), name: 'Photos' },
      { infoHash: idOf('b'), name: 'Photos' },
      { infoHash: idOf('a'), name: 'Photos' },
      { infoHash: idOf('c'), name: null },
      { infoHash: idOf('d'), name: '' },
    ]);
    expect([...labels.values()]).toEqual([
      'Photos',
      'Photos (2)',
      'A share without a name',
      'A share without a name (2)',
    ]);
  });

  it('[MF6] as a person may read it', () => {
    expect(shareTitle('a\u202egnp.exe')).toBe('a\ufffdgnp.exe');
  });
});
