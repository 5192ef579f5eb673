import { describe, expect, test } from 'vitest';
import type { TransferSnapshot } from '../../shared/peer/verbs.ts';
import { peerOf, snapshotOf } from '../testing/snapshots.ts';
import { receivingStanding, sharingStanding } from './status-words.ts';

const NOBODY = { seeds: 0, leechers: 0 };
const SOMEBODY = { seeds: 1, leechers: 0 };

describe('[HL4] where a download stands', () => {
  test.each<[Partial<TransferSnapshot>, string, RegExp]>([
    [{}, 'looking', /^Checking who is sharing this\.$/],
    [{ online: NOBODY }, 'waiting', /^Nobody is sharing this right now\./],
    [{ online: SOMEBODY }, 'connecting', /Connecting\.$/],
    [{ peers: [peerOf()] }, 'connecting', /Getting the list of files/],
    [{ trackerOnline: false }, 'server-away', /^Can't reach the Shoal server\. Check --server/],
    [{ trackerOnline: false, trackerRefuses: true }, 'server-refuses', /does not let this program in/],
    [{ manifestRefused: true, online: SOMEBODY }, 'waiting', /damaged or not allowed/],
    [
      { phase: 'downloading', peers: [peerOf({ down: 5 })] },
      'downloading',
      /^Downloading directly from 1 person\.$/,
    ],
    [
      { phase: 'downloading', peers: [peerOf({ down: 5, path: 'relayed' })] },
      'downloading',
      /through a relay server that cannot read it/,
    ],
    [
      { phase: 'downloading', peers: [peerOf({ down: 5, path: 'relayed' }), peerOf({ down: 1 }, 2)] },
      'downloading',
      /from 2 people, 1 of them through a relay/,
    ],
    [{ phase: 'downloading', trackerOnline: false }, 'server-away', /goes on by itself/],
    [{ phase: 'downloading', foundBytes: 5 }, 'checking', /already on this disk/],
    [{ phase: 'downloading', online: NOBODY }, 'waiting', /The sender is offline/],
    [{ phase: 'downloading', online: SOMEBODY, senders: 1 }, 'connecting', /Connecting to someone/],
    [
      { phase: 'downloading', online: SOMEBODY, senders: 0 },
      'waiting',
      /^1 person is online, but does not have/,
    ],
    [
      { phase: 'downloading', online: SOMEBODY, senders: 1, peers: [peerOf()], stalled: true },
      'stalled',
      /nothing has arrived/,
    ],
    [
      {
        phase: 'downloading',
        peers: [peerOf()],
        online: SOMEBODY,
        lacking: { files: 2, first: ['a', 'b\u001b.txt'] },
      },
      'waiting',
      /^Nobody who is online can send “b\ufffd\.txt” and 1 more file/,
    ],
    [{ phase: 'full' }, 'full', /no more room on the disk/],
    [{ phase: 'complete' }, 'complete', /verified/],
    [
      { phase: 'failed', trouble: { kind: 'store', why: 'unavailable' } },
      'failed',
      /The disk takes nothing more/,
    ],
    [{ phase: 'failed', trouble: null }, 'failed', /Something in Shoal broke/],
  ])('[HL4] %j', (change, state, message) => {
    const standing = receivingStanding(snapshotOf(change));
    expect(standing).toEqual({ state, message: expect.stringMatching(message) });
  });
});

describe('[HL4] where a share stands', () => {
  test.each<[Partial<TransferSnapshot>, string, RegExp, number]>([
    [{}, 'ready', /^Ready\. Send the link/, 0],
    [{ peers: [peerOf({ up: 5 })] }, 'sending', /^Sending directly to 1 person\.$/, 0],
    [{}, 'ready', /^Delivered to 2 people\./, 2],
    [{ peers: [peerOf()] }, 'ready', /^1 person connected\./, 0],
    [{ online: { seeds: 0, leechers: 1 } }, 'connecting', /Someone opened your link/, 0],
    [{ trackerOnline: false }, 'server-away', /so nobody can find you/, 0],
    [{ trackerOnline: false, peers: [peerOf()] }, 'server-away', /Those who are connected can go on/, 0],
    [{ filesMissing: 'changed' }, 'files-missing', /has been changed since/, 0],
    [{ filesMissing: 'gone' }, 'files-missing', /cannot be read where they were/, 0],
    [{ phase: 'failed', trouble: { kind: 'source', why: 'vanished' } }, 'failed', /moved or deleted/, 0],
    [
      { unreadable: { files: 1, first: ['x.txt'], why: 'changed', neighbours: 0 } },
      'files-missing',
      /“x\.txt” was changed/,
      0,
    ],
    [{ phase: 'stopped' }, 'stopped', /Nobody can download/, 0],
  ])('[HL4] %j', (change, state, message, delivered) => {
    const standing = sharingStanding(
      snapshotOf({ phase: 'complete', role: 'sharing', ...change }),
      delivered,
    );
    expect(standing).toEqual({ state, message: expect.stringMatching(message) });
  });
});
