import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { infoHash } from '../shared/ids.ts';
import { parseServerMessage, serverText } from '../shared/tracker/messages.ts';
import type { SearchResult } from '../shared/tracker/messages.ts';
import { MAX_RESULTS_BYTES, errorText, joinedText, leftText, peersText, resultsText } from './answers.ts';
import { hex, one, swarmA, two } from './testing/client.ts';
import { member } from './testing/registry.suite.ts';

describe('[TR1] the texts of busy messages', () => {
  const count = fc.nat(Number.MAX_SAFE_INTEGER);
  const counts = fc.record({ complete: count, incomplete: count, downloaded: count });
  const named = fc.array(
    fc.record({ peerId: fc.nat(2 ** 31).map(member), seed: fc.boolean(), instance: fc.string() }),
    { maxLength: 50 },
  );

  test('are what the slow way would write, whoever is named', () => {
    fc.assert(
      fc.property(counts, named, (numbers, members) => {
        const peers = members.map(({ peerId, seed }) => ({ peerId, seed }));
        expect(peersText(swarmA, numbers, members)).toBe(
          serverText({ type: 'peers', swarm: swarmA, interval: 30, ...numbers, peers }),
        );
      }),
    );
    for (const seed of [true, false]) {
      const joined = { type: 'joined', swarm: swarmA, peerId: one, seed } as const;
      expect(joinedText(swarmA, one, seed)).toBe(serverText(joined));
    }
    expect(leftText(swarmA, one)).toBe(serverText({ type: 'left', swarm: swarmA, peerId: one }));
  });

  test('[SV10] tell nobody where a member is connected', () => {
    const text = peersText(swarmA, { complete: 0, incomplete: 1, downloaded: 0 }, [
      { peerId: two, seed: false, instance: 'an-instance' },
    ]);
    expect(text).not.toContain('an-instance');
  });

  test('[TR9] an error is read back with what it is about, and without what is not known', () => {
    const about = { type: 'signal', swarm: swarmA, peerId: one };
    expect(parseServerMessage(errorText('forbidden', 'No.', about))).toEqual({
      type: 'error',
      code: 'forbidden',
      message: 'No.',
      about,
    });
    expect(parseServerMessage(errorText('bad-json', 'No JSON.'))).toEqual({
      type: 'error',
      code: 'bad-json',
      message: 'No JSON.',
    });
  });

  test('[TR8] results are as many as fit into 65,536 bytes, one at least, and read back as they were', () => {
    const result = {
      infoHash: infoHash(hex('f'))!,
      name: 'π',
      size: 1,
      files: 1,
      complete: 1,
      incomplete: 0,
    };
    const read = (many: number, comment: string) => {
      const text = resultsText('"q', 60, Array(many).fill({ ...result, comment }) as SearchResult[]);
      const message = parseServerMessage(text);
      expect(message).toMatchObject({ type: 'results', query: '"q', total: 60 });
      expect(Buffer.byteLength(text)).toBeLessThan(MAX_RESULTS_BYTES + 1_000);
      return message?.type === 'results' ? message.results : [];
    };
    expect(read(0, '')).toEqual([]);
    expect(read(50, 'short')).toHaveLength(50);
    expect(read(50, '漢'.repeat(1_000)).length).toBe(20);
    expect(read(1, '漢')).toEqual([{ ...result, comment: '漢' }]);
  });
});
