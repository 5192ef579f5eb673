import { describe, expect, it } from 'vitest';
import { isRelayed } from './link-path.ts';

type Stat = { readonly id: string; readonly type: string } & Record<string, unknown>;

const candidate = (id: string, candidateType: string): Stat => ({ id, type: 'candidate', candidateType });
const candidates = [
  candidate('host', 'host'),
  candidate('mapped', 'srflx'),
  candidate('seen', 'prflx'),
  candidate('relay', 'relay'),
];
const pair = (id: string, local: string, remote: string, more: Record<string, unknown> = {}): Stat => ({
  ...{ id, type: 'candidate-pair', localCandidateId: local, remoteCandidateId: remote },
  ...more,
});
const uses = (selectedCandidatePairId: string): Stat => ({
  ...{ id: 'T', type: 'transport', selectedCandidatePairId },
});
const won = { nominated: true, state: 'succeeded' };

function relayed(...stats: Stat[]): Promise<boolean> {
  const report = new Map([...stats, ...candidates].map((stat) => [stat.id, stat]));
  return isRelayed({ getStats: async () => report } as unknown as RTCPeerConnection);
}

describe('[PN1] how a connection travels', () => {
  it.each([
    ['host', 'host', false],
    ['host', 'mapped', false],
    ['seen', 'mapped', false],
    ['relay', 'host', true],
    ['seen', 'relay', true],
    ['relay', 'relay', true],
  ])('from %s to %s: relayed is %s', async (local, remote, expected) => {
    expect(await relayed(uses('P'), pair('P', local, remote))).toBe(expected);
  });

  it('is read from the pair in use, whatever other pairs were tried', async () => {
    const others = [pair('A', 'relay', 'host', won), pair('B', 'host', 'host', won)];
    expect(await relayed(...others, uses('B'))).toBe(false);
    expect(await relayed(...others, uses('A'))).toBe(true);
  });

  it('is read from the pair that won where the transport names none', async () => {
    const lost = [
      pair('A', 'relay', 'host', { nominated: false, state: 'succeeded' }),
      pair('B', 'relay', 'host', { nominated: true, state: 'failed' }),
    ];
    expect(await relayed(...lost, pair('C', 'host', 'seen', won))).toBe(false);
    expect(await relayed(...lost, pair('C', 'host', 'relay', won))).toBe(true);
    expect(await relayed({ id: 'T', type: 'transport' }, ...lost, pair('C', 'relay', 'host', won))).toBe(
      true,
    );
  });

  it('is called direct where the statistics do not say', async () => {
    expect(await relayed()).toBe(false);
    expect(await relayed(uses('gone'))).toBe(false);
    expect(await relayed(uses('P'), pair('P', 'unknown', 'unknown'))).toBe(false);
  });
});
