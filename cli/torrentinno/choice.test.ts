/** Flags as they are typed, right and wrong. */
import { describe, expect, test } from 'vitest';
import { torrentInnoChoice } from './choice.ts';

describe('what was typed of TorrentInno', () => {
  test('[HL52] nothing: it is off', () => {
    expect(torrentInnoChoice({})).toEqual({ kind: 'off' });
    expect(torrentInnoChoice({ torrentinno: false })).toEqual({ kind: 'off' });
  });

  test.each([
    [{ torrentinno: true }, 0],
    [{ torrentinno: '' }, 0],
    [{ torrentinno: '7000' }, 7_000],
    [{ publicIp: '203.0.113.9' }, 0],
  ])('[HL52] %j: it is on', (flags, port) => {
    expect(torrentInnoChoice(flags)).toMatchObject({ kind: 'on', port, tracker: null });
  });

  test('[HL56] a tracker, and [HL58] an address', () => {
    const choice = torrentInnoChoice({ tiTracker: 'http://127.0.0.1:8080', publicIp: '203.0.113.9' });
    expect(choice).toMatchObject({ kind: 'on', publicIp: '203.0.113.9' });
    expect(choice.kind === 'on' && choice.tracker?.href).toBe('http://127.0.0.1:8080/peers');
  });

  test.each([
    [{ torrentinno: '80' }, '"80" is none'],
    [{ torrentinno: '70000' }, '"70000" is none'],
    [{ torrentinno: 'x' }, '--torrentinno takes a port'],
    [{ tiTracker: 'tracker' }, '--ti-tracker takes an address like http://host:8080'],
    [{ publicIp: 'example.org' }, '--public-ip takes the IP address'],
    [{ publicIp: '0.0.0.0' }, '"0.0.0.0" is none'],
  ])('[HL52] %j is refused with what would be right', (flags, sentence) => {
    const choice = torrentInnoChoice(flags);
    expect(choice.kind === 'wrong' && choice.sentence).toContain(sentence);
  });
});
