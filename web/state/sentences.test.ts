import { describe, expect, it } from 'vitest';
import type { SharePhase, Trouble } from '../../shared/engine/io.ts';
import { faultSentence } from '../../shared/words/link-faults.ts';
import { faultHeading, openedSentence } from './link-sentences.ts';
import { openedText } from '../../shared/manifest/opened-text.ts';
import {
  brokenElsewhereSentence,
  brokenSentence,
  receiveSentence,
  shareSentence,
  troubleSentence,
} from './sentences.ts';
import { needSentence, obstacleSentence } from './obstacle-sentences.ts';
import { failureSentence, makingSentence } from './making-sentences.ts';
import type { Broken, SaveState, Transfer } from './session.ts';
import { manifestOf, peersOf, transferOf } from './transfer.fixture.ts';
import { noStorageSentence, otherVersionSentence } from './storage-sentences.ts';
import type { Given } from './given.svelte.ts';
import { toneOf } from './tones.ts';

const one = manifestOf([1_000_000]);
const several = manifestOf([1_000_000, 0]);
const none: SaveState = { kind: 'none' };

function receiving(
  changes: Partial<Transfer> | null,
  save: SaveState = none,
  broken: Broken = 'nothing',
): string {
  return receiveSentence({ transfer: changes && transferOf(changes), save, broken, away: false });
}

function sharing(
  changes: Partial<Transfer> | null,
  given: Given = { kind: 'nothing' },
  broken: Broken = 'nothing',
): string {
  const transfer = changes && transferOf({ role: 'sharing', phase: 'complete', manifest: one, ...changes });
  return shareSentence({ transfer, save: none, broken, away: false, given });
}

/** Every sentence a test of this file has seen, to look for words nobody should read. */
const said: string[] = [];
function expectSaid(sentence: string, ...parts: RegExp[]): void {
  said.push(sentence);
  for (const part of parts) expect(sentence).toMatch(part);
}

describe('receiving', () => {
  it('[UI4] says that it gets ready before the first transfer', () => {
    expectSaid(receiving(null), /^Getting ready\.$/);
  });

  it('[UI4] says that the server is away before the worker’s code has come', () => {
    const away = receiveSentence({ transfer: null, save: none, broken: 'nothing', away: true });
    expectSaid(away, /Can't reach/, /continues by itself/);
    expect(makingSentence({ hashedBytes: 0, totalBytes: 1 }, true)).toBe(away);
    expect(receiveSentence({ transfer: null, save: none, broken: 'everything', away: true })).toBe(
      brokenSentence(),
    );
  });

  it('[UI4] [MX3] says that what came cannot be opened, whoever else is there, until somebody is asked again', () => {
    const refused = { manifestRefused: true, online: { seeds: 1, leechers: 0 } } as const;
    expectSaid(receiving(refused), /cannot be opened/, /keeps looking/, /ask for a new link/);
    expectSaid(receiving({ ...refused, trackerOnline: false }), /Can't reach/);
    expectSaid(receiving({ ...refused, peers: peersOf(1) }), /Getting the list of files/);
  });

  it('[UI4] says that nobody is sharing it or the link is wrong, which cannot be told apart, and that it keeps looking', () => {
    expectSaid(receiving({}), /^Nobody is sharing this/, /check the link/, /keeps looking/);
  });

  it('[UI4] tells asking, finding and being connected apart while it looks', () => {
    expectSaid(receiving({ online: null }), /^Checking who/);
    expectSaid(receiving({ online: { seeds: 1, leechers: 0 } }), /Found someone.*Connecting/);
    expectSaid(receiving({ online: { seeds: 0, leechers: 1 } }), /Found someone.*Connecting/);
    expectSaid(receiving({ peers: peersOf(1) }), /^Connected/);
  });

  it('[UI4] says when the server is away at the start, unless a peer is there already', () => {
    expectSaid(
      receiving({ trackerOnline: false, online: null }),
      /Can't reach the Shoal server/,
      /keeps trying/,
    );
    expectSaid(receiving({ trackerOnline: false, peers: peersOf(1) }), /^Connected/);
  });

  it('[UI4] says who could send it before anything is loaded', () => {
    const ready = { phase: 'ready', manifest: one } as const;
    const seed = { online: { seeds: 1, leechers: 0 }, senders: 1 };
    expectSaid(receiving({ ...ready, ...seed }), /^Ready to download from 1 person\.$/);
    expectSaid(receiving({ ...ready, peers: peersOf(3), senders: 3 }), /from 3 people/);
    // Who is here and has nothing can send nothing.
    const here = { seeds: 1, leechers: 2 };
    expectSaid(receiving({ ...ready, online: here, peers: peersOf(3), senders: 1 }), /from 1 person/);
    expectSaid(
      receiving({ ...ready, online: here, peers: peersOf(3) }),
      /3 people are online.*none of them has/,
    );
    expectSaid(receiving({ ...ready, peers: peersOf(1, { own: true, pieces: 3 }) }), /from another tab/);
    expectSaid(receiving(ready), /^Nobody is sharing this right now/);
    expectSaid(receiving({ ...ready, online: null }), /Checking who/);
    expectSaid(receiving({ ...ready, receivedBytes: 500_000 }), /500.kB already downloaded\.$/);
    expectSaid(receiving({ ...ready, trackerOnline: false }), /Can't reach.*keeps trying/);
  });

  it('[UI4] says from how many it comes, that it stalls, and that it goes on without the server', () => {
    const running = { phase: 'downloading', manifest: one } as const;
    const sending = { down: 1_000 };
    expectSaid(
      receiving({ ...running, peers: peersOf(1, sending) }),
      /^Downloading directly from 1 person\.$/,
    );
    // Of three that are connected one sends, over two connections.
    const [first, second, third] = peersOf(3);
    const peers = [{ ...first!, ...sending }, { ...first!, ...sending }, second!, third!];
    expectSaid(receiving({ ...running, peers }), /^Downloading directly from 1 person\.$/);
    const near = { ...running, peers: peersOf(2), senders: 1 };
    expectSaid(receiving(near), /^Connected to 2 people\. Starting/);
    expectSaid(receiving({ ...running, peers: peersOf(1, { own: true, down: 9 }) }), /another tab/);
    expectSaid(receiving({ ...near, stalled: true }), /nothing has arrived for a while/, /by itself/);
    const cut = { ...running, trackerOnline: false };
    expectSaid(receiving({ ...cut, peers: peersOf(2, sending) }), /2 people.*your download continues/);
    expectSaid(
      receiving({ ...near, stalled: true, trackerOnline: false }),
      /nothing has arrived for a while\..*Can't reach.*by itself/,
    );
    // Nothing runs.
    expect(receiving({ ...near, trackerOnline: false })).not.toMatch(/continues/);
  });

  it('[UI4] [EN6] says that those who are here have nothing of what is missing', () => {
    const running = { phase: 'downloading', manifest: one } as const;
    const others = { seeds: 0, leechers: 2 };
    for (const stalled of [false, true]) {
      expectSaid(
        receiving({ ...running, peers: peersOf(1), stalled }),
        /^1 person is online, but does not have/,
      );
      expectSaid(
        receiving({ ...running, online: others, stalled }),
        /^2 people are online, but none of them has/,
      );
      const away = { ...running, peers: peersOf(2), trackerOnline: false, stalled };
      expectSaid(receiving(away), /none of them has.*Can't reach/);
      const tab = { ...running, peers: peersOf(1, { own: true, pieces: 0 }), stalled };
      expect(receiving(tab)).not.toMatch(/1 person/);
    }
    const lending = { ...running, peers: peersOf(1, { own: true, pieces: 2 }) };
    expectSaid(receiving(lending), /another tab.*Starting/);
  });

  it('[UI4] says of an empty share that nothing has to be waited for', () => {
    const empty = { ...manifestOf([0]), totalBytes: 0 };
    const nobody = { seeds: 0, leechers: 3 };
    expectSaid(receiving({ phase: 'ready', manifest: empty, online: nobody, senders: 0 }), /^This is empty/);
  });

  it('[UI4] says how saving goes on also after sharing was stopped', () => {
    const stopped = { phase: 'stopped', manifest: one, storedBytes: one.totalBytes } as const;
    expectSaid(receiving(stopped), /kept in this browser/);
    expectSaid(receiving(stopped, { kind: 'saving' }), /^Stopped. Saving it.*Keep this page open/);
    expectSaid(receiving(stopped, { kind: 'saved' }), /^Saved to your downloads.*can no longer/);
    expectSaid(receiving(stopped, { kind: 'failed', why: 'no room' }), /could not be saved: no room/);
  });

  it('[UI4] says what goes through a relay', () => {
    const relayed = peersOf(3, { down: 1, path: 'relayed' });
    const [first, second, third] = peersOf(3, { down: 1 });
    const running = { phase: 'downloading', manifest: one } as const;
    const mixed = [relayed[0]!, second!, third!];
    expectSaid(receiving({ ...running, peers: mixed }), /from 3 people, 1 of them through a relay/);
    expectSaid(receiving({ ...running, peers: relayed }), /from 3 people through a relay/);
    expectSaid(
      sharing({ peers: peersOf(1, { up: 1, path: 'relayed' }) }),
      /^Sending to 1 person through a relay/,
    );
    // Who sends nothing, or is counted already, makes nobody relayed.
    const idle = relayed.slice(1).map((peer) => ({ ...peer, down: 0 }));
    expectSaid(receiving({ ...running, peers: [first!, ...idle] }), /^Downloading directly from 1 person\.$/);
    const twice = [relayed[0]!, relayed[0]!, second!, third!];
    expectSaid(receiving({ ...running, peers: twice }), /from 3 people, 1 of them through a relay/);
  });

  it('[UI4] [LB7] says that what is here already is looked at, until something comes', () => {
    const running = { phase: 'downloading', manifest: one, foundBytes: 5 } as const;
    expectSaid(receiving(running), /already on this device.*Only what is missing is downloaded/);
    expectSaid(receiving({ ...running, trackerOnline: false }), /already on this device/);
    expectSaid(receiving({ ...running, peers: peersOf(1, { down: 1 }) }), /^Downloading directly/);
  });

  it('[UI4] says that the others are away, and what happens then', () => {
    const alone = { phase: 'downloading', manifest: one } as const;
    expectSaid(receiving(alone), /^The sender is offline\. Your download continues when they return/);
    expectSaid(receiving({ ...alone, online: null }), /is offline/);
    expectSaid(receiving({ ...alone, online: { seeds: 1, leechers: 0 }, senders: 1 }), /^Connecting/);
    expectSaid(receiving({ ...alone, trackerOnline: false }), /Can't reach.*kept/);
  });

  it('[UI4] says how saving goes on, for one file and for several', () => {
    const done = { phase: 'complete', manifest: one } as const;
    expectSaid(receiving({ ...done, saveDue: true }), /Saving it to your downloads/);
    expectSaid(receiving(done), /Press Save/);
    expectSaid(receiving({ ...done, manifest: several, saveDue: true }), /Press Save.*zip/);
    const inFolder = { ...one, files: [{ path: ['Photos', 'a.jpg'], size: 1_000 }] };
    expectSaid(receiving({ ...done, manifest: inFolder, saveDue: true }), /Press Save.*zip/);
    expectSaid(receiving(done, { kind: 'saving' }), /Keep this page open/);
    expectSaid(receiving(done, { kind: 'started' }), /Keep this page open/);
    expectSaid(
      receiving(done, { kind: 'saved' }),
      /^Saved to your downloads.*others can download it from you/,
    );
    expectSaid(receiving({ ...done, trackerOnline: false }, { kind: 'saved' }), /^Saved.*can't find you/);
    // Where an earlier page put it is not known.
    expectSaid(receiving({ ...done, saved: true }), /^Saved earlier\. .*others can download it from you/);
    expectSaid(
      receiving(done, { kind: 'failed', why: 'the disk is full' }),
      /: the disk is full\. Press Save/,
    );
    expectSaid(receiving(done, { kind: 'failed', why: '' }), /could not be saved\. Press Save/);
  });

  it('[UI18] says that a cancelled download goes in a moment, and how to keep it', () => {
    const cancelled = (changes: Partial<Transfer>): string => {
      const transfer = transferOf({ phase: 'paused', manifest: one, ...changes });
      return receiveSentence({ transfer, save: none, broken: 'nothing', away: false, leaving: true });
    };
    expectSaid(
      cancelled({ receivedBytes: 500_000 }),
      /^Cancelled/,
      /500.kB that had arrived will be removed/,
      /press Undo/,
    );
    expectSaid(cancelled({}), /Nothing had arrived/);
  });

  it('[SA11] says which other version of the page has what is stored, and what to do', () => {
    expectSaid(
      otherVersionSentence('older'),
      /older version.*Close its other tabs, then reload/,
      /in memory/,
    );
    expectSaid(otherVersionSentence('newer'), /newer version.*Reload the page/, /in memory/);
  });

  it('[UI4] says what is kept when it is paused or stopped', () => {
    expectSaid(receiving({ phase: 'paused' }), /kept.*Resume/);
    expectSaid(receiving({ phase: 'stopped', manifest: one }), /What you have is kept/);
    expectSaid(receiving({ phase: 'stopped' }), /What you have is kept/);
    expectSaid(
      receiving({ phase: 'stopped', manifest: one, storedBytes: 1_000_000 }),
      /Others can no longer download this from you/,
    );
  });

  it('[UI4] says what went wrong and what to do', () => {
    expectSaid(receiving({ phase: 'full' }), /no more room.*continues by itself/, /remove/);
    expectSaid(receiving({ phase: 'failed' }), /reload/);
    expectSaid(receiving({}, none, 'everything'), /everything was stopped/, /reload/);
    expect(receiving({ phase: 'complete' }, none, 'everything')).toBe(brokenSentence());
  });
});

describe('sharing', () => {
  it('[UI4] tells a share that was lost by a reload from one that is just beginning', () => {
    expectSaid(sharing(null), /^Getting ready/);
  });

  it('[UI4] says who is there', () => {
    expectSaid(sharing({}), /^Ready\. Send the link and keep this page open/);
    expectSaid(sharing({ online: null }), /^Ready/);
    expectSaid(sharing({ online: { seeds: 0, leechers: 1 } }), /^Someone opened your link/);
    expectSaid(sharing({ peers: peersOf(1) }), /^1 person connected/);
    expectSaid(sharing({ peers: peersOf(2, { up: 5 }) }), /^Sending directly to 2 people/);
    // Somebody has all of it: that is what the sender waits for.
    expectSaid(sharing({ delivered: 1 }), /^Delivered to 1 person\. Keep this page open/);
    expectSaid(sharing({ delivered: 2, peers: peersOf(2) }), /^Delivered to 2 people\./);
    expectSaid(sharing({ delivered: 2, peers: peersOf(1, { up: 5 }) }), /^Sending/);
    // Who has only opened the link is sent nothing.
    expectSaid(sharing({ peers: peersOf(3) }), /^3 people connected\. Nothing is being sent/);
    expectSaid(
      sharing({ peers: [...peersOf(1, { up: 5 }), ...peersOf(3).slice(1)] }),
      /^Sending directly to 1 person\./,
    );
  });

  it('[UI4] says what an unreachable server means, with and without somebody connected', () => {
    expectSaid(sharing({ trackerOnline: false }), /nobody can find you.*keeps trying/);
    expectSaid(sharing({ trackerOnline: false, peers: peersOf(1) }), /connected can continue \(1 person\)/);
  });

  it('[UI4] [ID4] does not call for sending the link while the server does not let it in', () => {
    const refused = { trackerOnline: false, trackerRefuses: true } as const;
    expectSaid(sharing(refused), /does not let this page in.*nobody can find you\. Shoal keeps trying\./);
    expectSaid(
      sharing({ ...refused, peers: peersOf(1) }),
      /does not let.*connected can continue \(1 person\)/,
    );
    expectSaid(receiving({ ...refused, online: null }), /does not let.*continues by itself/);
    const running = { ...refused, phase: 'downloading' } as const;
    expectSaid(receiving(running), /does not let.*What you have is kept/);
  });

  it('[UI4] says that it is stopped, that the file changed or is gone, and that the page broke', () => {
    expectSaid(sharing({ phase: 'stopped' }), /Nobody can download this from you until you start again/);
    expectSaid(sharing({ trouble: { kind: 'source', why: 'changed' } }), /was changed.*Share it again/);
    expectSaid(
      sharing({ phase: 'failed', trouble: { kind: 'source', why: 'vanished' } }),
      /moved or deleted/,
    );
    expectSaid(sharing({ phase: 'failed' }), /does not know why/);
    const unreadable = { why: 'vanished', files: 1, first: ['x', '<b>.bin'], neighbours: 0 } as const;
    expectSaid(
      sharing({ unreadable }),
      /^“<b>\.bin” was moved or deleted.*Everything else is still shared.*Put it back and press Try again/,
    );
    expectSaid(
      sharing({ unreadable: { ...unreadable, why: 'changed', files: 3, neighbours: 2 } }),
      /and 2 more files were changed.* 2 small files that are sent together with them.*make a new link/,
    );
    const trouble = { kind: 'source', why: 'vanished' } as const;
    const three = manifestOf([1, 2, 3]);
    expectSaid(
      sharing({ phase: 'failed', trouble, unreadable, manifest: three }),
      /“<b>\.bin” was moved or deleted.*Nothing is shared any more/,
    );
    const lacking = { files: 2, first: ['a'] };
    expectSaid(
      receiving({ phase: 'downloading', stalled: true, peers: peersOf(1), lacking, manifest: three }),
      /Nobody who is online can send “a” and 1 more file\..*Uncheck them below/,
    );
    expectSaid(sharing({}, undefined, 'everything'), /broke/);
  });
});

describe('everything else', () => {
  it('[WK1] says which share a fault of ours stopped, and that the others go on', () => {
    expectSaid(
      receiving({ manifest: one }, none, 'share'),
      /this share was stopped/,
      /Everything else continues/,
      /reload/,
    );
    expect(receiving(null, none, 'share')).toBe(receiving({ manifest: one }, none, 'share'));
    expectSaid(
      sharing({}, undefined, 'share'),
      /this share was stopped/,
      /Everything else continues/,
      /Choose the files/,
    );
    expectSaid(
      brokenElsewhereSentence(transferOf({ manifest: one })),
      /“Photos” was stopped/,
      /Everything else/,
    );
    expectSaid(brokenElsewhereSentence(transferOf({})), /one share was stopped/);
    expect(brokenElsewhereSentence(null)).toBe(brokenElsewhereSentence(transferOf({})));
    const evil = brokenElsewhereSentence(transferOf({ manifest: { ...one, name: 'a\u202etxt.exe' } }));
    expect(evil).not.toContain('\u202e');
  });

  it('[UI4] has a sentence for each trouble', () => {
    const troubles: (Trouble | null)[] = [
      { kind: 'store', why: 'unavailable' },
      { kind: 'source', why: 'changed' },
      { kind: 'source', why: 'vanished' },
      { kind: 'source', why: 'missing' },
      null,
    ];
    const sentences = troubles.map(troubleSentence);
    sentences.forEach((sentence) => expectSaid(sentence));
    expect(new Set(sentences).size).toBe(troubles.length);
  });

  it('[UI4] says what is read, and that nothing leaves the device', () => {
    expectSaid(
      makingSentence({ hashedBytes: 0, totalBytes: 2_000_000 }, false),
      /2\.00.MB/,
      /Nothing leaves/,
    );
    expectSaid(makingSentence({ hashedBytes: 2_000_000, totalBytes: 2_000_000 }, false), /Making the link/);
    expectSaid(makingSentence({ hashedBytes: 0, totalBytes: 0 }, false), /^Reading 0.bytes/);
  });

  it('[UI4] has a sentence for each way files do not become a share', () => {
    expectSaid(failureSentence({ kind: 'unreadable', file: 'a\u202etxt.exe' }), /cannot be read/);
    expect(failureSentence({ kind: 'unreadable', file: 'a\u202etxt.exe' })).not.toContain('\u202e');
    expectSaid(failureSentence({ kind: 'broken' }), /reload/);
    for (const why of ['no-files', 'too-large', 'too-many-files', 'manifest-too-large'] as const) {
      expectSaid(failureSentence({ kind: 'refused', why }), /share|Choose/i);
    }
  });

  it('[UI1] has a heading and a sentence for each way a link is damaged', () => {
    for (const why of ['empty', 'short', 'long', 'alphabet', 'not-canonical', 'several'] as const) {
      expectSaid(faultSentence(why), /link/, /again/);
      expect(faultHeading(why)).toMatch(
        why === 'empty' || why === 'short' ? /^This link is incomplete$/ : /^This link is damaged$/,
      );
    }
  });

  it('[UI2] says what a text is that cannot be opened', () => {
    const saidOf = (text: string): string => {
      const opened = openedText(text);
      if (opened.kind === 'link' || opened.kind === 'magnet') throw new Error(`${text} can be opened`);
      return openedSentence(opened, text);
    };
    const link = `https://example.org/#${'Ab1'.repeat(14)}A`;
    expectSaid(saidOf('  '), /Paste/);
    expectSaid(saidOf(`${link} ${link.replace('1', '2')}`), /different shares/);
    expectSaid(saidOf(' Magnet:?xt=urn:btih:0'), /BitTorrent magnet/, /BitTorrent program/);
    expectSaid(saidOf('magnet:?dn=a'), /names no share/);
    expectSaid(saidOf('d8:announce0:e'), /BitTorrent file/);
    expect(saidOf('film.torrent')).toBe(saidOf('d8:announce0:e'));
    expectSaid(saidOf('PK\0'), /another program/);
    expectSaid(saidOf('film.torrentinno'), /This is the name of a resource file/);
    expectSaid(saidOf('{"trackerIp": ""}'), /what a resource file has in it/);
    expectSaid(saidOf('https://example.org/'), /no #/);
    expectSaid(saidOf('two words'), /no link/, /43 characters/);
    expect(saidOf('https://example.org/#abc')).toBe(faultSentence('short'));
    expect(saidOf(link.slice(0, -1))).toBe(faultSentence('short'));
    expect(saidOf(`${link}A`)).toBe(faultSentence('long'));
  });

  it('[UI6] has a sentence for each obstacle', () => {
    expectSaid(obstacleSentence({ kind: 'insecure' }), /https/, /localhost/);
    expectSaid(obstacleSentence({ kind: 'lacking', needs: ['crypto'] }), /current version/);
    for (const need of ['language', 'crypto', 'worker', 'channels'] as const) expectSaid(needSentence(need));
    expectSaid(noStorageSentence(), /memory/);
  });

  it('[UI4] uses no jargon, and every sentence ends', () => {
    expect(said.length).toBeGreaterThan(60);
    for (const sentence of said) {
      expect(sentence).toMatch(/[.…]$/);
      expect(sentence).not.toMatch(
        /peer|swarm|tracker|leech|\bseed|manifest|hash|signal|undefined|null|NaN|\{|!/i,
      );
    }
  });
});

describe('the mark beside the sentence', () => {
  const tone = (changes: Partial<Transfer> | null, save: SaveState = none, broken: Broken = 'nothing') =>
    toneOf({ transfer: changes && transferOf(changes), save, broken, away: false });

  it('[UI4] tells running, waiting and going wrong apart', () => {
    expect(tone(null)).toBe('wait');
    expect(tone({})).toBe('wait');
    expect(tone({ phase: 'ready' })).toBe('calm');
    expect(tone({ phase: 'paused' })).toBe('calm');
    expect(tone({ phase: 'downloading', peers: peersOf(1) })).toBe('live');
    expect(tone({ phase: 'downloading', foundBytes: 5 })).toBe('live');
    expect(tone({ phase: 'downloading', peers: peersOf(1), stalled: true })).toBe('wait');
    expect(tone({ phase: 'downloading' })).toBe('wait');
    expect(tone({ phase: 'complete' })).toBe('live');
    expect(tone({ phase: 'complete', role: 'sharing', trackerOnline: false })).toBe('wait');
    expect(tone({ phase: 'complete' }, { kind: 'failed', why: '' })).toBe('bad');
    expect(tone({ phase: 'complete', trouble: { kind: 'source', why: 'changed' } })).toBe('bad');
    expect(tone({}, none, 'everything')).toBe('bad');
    expect(tone(null, none, 'share')).toBe('bad');
  });

  it('[UI4] knows every phase', () => {
    const phases: SharePhase[] = [
      'looking',
      'ready',
      'downloading',
      'paused',
      'complete',
      'stopped',
      'failed',
    ];
    for (const phase of phases) expect(receiving({ phase })).not.toBe('');
  });
});
