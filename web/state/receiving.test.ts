import { describe, expect, it } from 'vitest';
import { connectedFact, receivedPercent, receiveFacts } from './receiving.ts';
import { manifestOf, peersOf, transferOf } from './transfer.fixture.ts';

describe('the figures of a share', () => {
  it('[UI4] tell how many are connected, and who of them is relayed', () => {
    expect(connectedFact(transferOf({ peers: peersOf(3) }))).toBe('3');
    const relayed = peersOf(1, { path: 'relayed' });
    expect(connectedFact(transferOf({ peers: [...relayed, ...peersOf(3).slice(1)] }))).toBe('3, 1 relayed');
    expect(connectedFact(transferOf({ peers: relayed }))).toBe('1, relayed');
    // Connections are no people, and our own tabs are nobody.
    const often = [
      ...relayed,
      ...relayed,
      ...peersOf(3).slice(1),
      ...peersOf(1, { own: true, path: 'relayed' }),
    ];
    expect(connectedFact(transferOf({ peers: often }))).toBe('3, 1 relayed');
    const twice = [...peersOf(2), ...peersOf(1), ...peersOf(1, { own: true })];
    expect(connectedFact(transferOf({ peers: twice }))).toBe('2');
    const here = receiveFacts(transferOf({ peers: relayed, online: { seeds: 1, leechers: 0 } })).find(
      ({ name }) => name === 'Others online',
    );
    expect(here?.value).toBe('1, relayed');
  });

  it('[UI7] are 100 % only when everything is stored', () => {
    const whole = { manifest: manifestOf([10]), totalBytes: 10, receivedBytes: 10 };
    expect(receivedPercent(transferOf({ ...whole, storedBytes: 9, phase: 'downloading' }))).toBe(99);
    expect(receivedPercent(transferOf({ ...whole, storedBytes: 10, phase: 'complete' }))).toBe(100);
  });
});
