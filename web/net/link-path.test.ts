import { describe, expect, it } from 'vitest';
import type { LinkPath } from '../../shared/peer/ports.ts';
import { pathOf, roundTripMsOf } from './link-path.ts';

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

function path(...stats: Stat[]): Promise<LinkPath> {
  const report = new Map([...stats, ...candidates].map((stat) => [stat.id, stat]));
  return pathOf({ getStats: async () => report } as unknown as RTCPeerConnection);
}

describe('[PN14] how long a packet takes', () => {
  const took = (...stats: Stat[]): Promise<number | null> => {
    const report = new Map(stats.map((stat) => [stat.id, stat]));
    return roundTripMsOf({ getStats: async () => report } as unknown as RTCPeerConnection);
  };

  it('is that of the pair in use, in ms', async () => {
    const other = pair('O', 'host', 'host', { ...won, currentRoundTripTime: 0.5 });
    const used = pair('P', 'host', 'mapped', { currentRoundTripTime: 0.042 });
    expect(await took(uses('P'), other, used)).toBe(42);
  });

  it('is not known where the browser does not say, or no pair is in use', async () => {
    expect(await took(uses('P'), pair('P', 'host', 'mapped'))).toBeNull();
    expect(await took(pair('P', 'host', 'mapped', { currentRoundTripTime: 0.042 }))).toBeNull();
  });
});

describe('[PN1] how a connection travels', () => {
  it.each([
    ['host', 'host', 'lan'],
    ['host', 'mapped', 'direct'],
    ['seen', 'mapped', 'direct'],
    ['relay', 'host', 'relayed'],
    ['seen', 'relay', 'relayed'],
    ['relay', 'relay', 'relayed'],
  ])('from %s to %s: %s', async (local, remote, expected) => {
    expect(await path(uses('P'), pair('P', local, remote))).toBe(expected);
  });

  it('is read from the pair in use, whatever other pairs were tried', async () => {
    const others = [pair('A', 'relay', 'host', won), pair('B', 'host', 'host', won)];
    expect(await path(...others, uses('B'))).toBe('lan');
    expect(await path(...others, uses('A'))).toBe('relayed');
  });

  it('is read from the pair that won where the transport names none', async () => {
    const lost = [
      pair('A', 'relay', 'host', { nominated: false, state: 'succeeded' }),
      pair('B', 'relay', 'host', { nominated: true, state: 'failed' }),
    ];
    expect(await path(...lost, pair('C', 'host', 'seen', won))).toBe('direct');
    expect(await path(...lost, pair('C', 'host', 'relay', won))).toBe('relayed');
    expect(await path({ id: 'T', type: 'transport' }, ...lost, pair('C', 'relay', 'host', won))).toBe(
      'relayed',
    );
  });

  it.each([
    ['192.168.1.7', '192.168.1.9', 'lan'],
    ['10.0.0.1', '172.20.3.4', 'lan'],
    ['172.32.0.1', '192.168.1.9', 'direct'],
    ['192.168.1.7', '203.0.113.5', 'direct'],
    ['fd00::1', 'fe80::2', 'lan'],
    ['2001:db8::1', '2001:db8::2', 'direct'],
    ['4f2b.local', '192.168.1.9', 'lan'],
    ['127.0.0.1', '::1', 'lan'],
  ])('between %s and %s is %s, whatever found it', async (local, remote, expected) => {
    const ends = [
      { ...candidate('one', 'prflx'), address: local },
      { ...candidate('other', 'host'), address: remote },
    ];
    expect(await path(...ends, uses('P'), pair('P', 'one', 'other'))).toBe(expected);
  });

  it.each([
    ['host', 'lan'],
    ['prflx', 'direct'], // a translator's address, which many may have
  ])('from %s to the same address is %s, whatever address it is', async (kind, expected) => {
    const address = '203.0.113.5';
    const ends = [
      { ...candidate('one', kind), address },
      { ...candidate('other', 'prflx'), address },
    ];
    expect(await path(...ends, uses('P'), pair('P', 'one', 'other'))).toBe(expected);
  });

  it('is called direct where the statistics do not say', async () => {
    expect(await path()).toBe('direct');
    expect(await path(uses('gone'))).toBe('direct');
    expect(await path(uses('P'), pair('P', 'unknown', 'unknown'))).toBe('direct');
  });
});
