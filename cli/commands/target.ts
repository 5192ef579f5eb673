/**
 * What the argument is that leads to a share ([HL9]): a link, also in other text, magnet text, or a resource file. What is
 * none of them ends the command with what is wrong with it. Opens no connection.
 */
import { unreachable } from '../../shared/assert.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { displayName } from '../../shared/manifest/display.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { openedText } from '../../shared/manifest/opened-text.ts';
import type { OpenedText } from '../../shared/manifest/opened-text.ts';
import type { LinkFault } from '../../shared/manifest/link.ts';
import { faultSentence } from '../../shared/words/link-faults.ts';
import { commandLine } from './again.ts';
import { notDone, wrongCall } from './exit.ts';
import type { Ended } from './exit.ts';
import type { Platform } from './ports.ts';
import { readResourceAt } from './resource-at.ts';
import { stateOfPath } from './system.ts';

export type Target =
  | { readonly kind: 'link'; readonly infoHash: InfoHash; readonly text: string }
  | {
      readonly kind: 'magnet';
      readonly infoHash: InfoHash;
      readonly text: string;
      readonly name: string | null;
      readonly bytes: number | null;
    }
  | {
      readonly kind: 'resource';
      readonly infoHash: InfoHash;
      readonly manifest: Manifest;
      readonly bytes: Uint8Array<ArrayBuffer>;
    };

const BITTORRENT =
  'This is of BitTorrent. Shoal cannot open it, but a BitTorrent program can. Ask for a link of Shoal instead.';

/** Throws where the argument is none. `path`: the argument as a path. */
export async function targetOf(argument: string, path: string, digest: Platform['digest']): Promise<Target> {
  const opened = openedText(argument);
  if (opened.kind === 'link') return { ...opened, text: argument };
  if (opened.kind === 'magnet') return { ...opened, text: argument };
  const state = await stateOfPath(path);
  if (state === 'folder') {
    throw wrongCall(`${displayName(argument)} is a folder. Name a link, magnet text or a .torrentinno file.`);
  }
  if (state === 'other') throw wrongCall(`${displayName(argument)} is neither a file nor a folder.`);
  if (state === 'file') {
    const { bytes, infoHash, manifest } = await readResourceAt(path, displayName(argument), digest);
    return { kind: 'resource', infoHash, manifest, bytes };
  }
  throw faultOf(opened, argument);
}

function faultOf(opened: Exclude<OpenedText, { kind: 'link' | 'magnet' }>, argument: string): Ended {
  switch (opened.kind) {
    case 'nothing':
      return wrongCall('Name a link, magnet text or a .torrentinno file.');
    case 'several-links':
      return wrongCall(faultSentence('several'));
    case 'bittorrent-magnet':
    case 'torrent-file':
      return wrongCall(BITTORRENT);
    case 'unknown-magnet':
      return wrongCall(
        'This magnet names no share of Shoal, or a part of it is missing. Copy it again, or ask for a link instead.',
      );
    case 'other-file':
    case 'resource':
      return wrongCall('This is what a file has in it. Name the file itself instead.');
    case 'damaged-link':
      return wrongCall(faultSentence(opened.why));
    case 'text':
      return textFault(argument, opened.why);
    default:
      return unreachable(opened);
  }
}

function textFault(argument: string, why: LinkFault): Ended {
  if (/\.torrent$/i.test(argument)) return wrongCall(BITTORRENT);
  if (/\.torrentinno$/i.test(argument)) return notDone(`There is no file ${displayName(argument)}.`);
  if (argument.includes('#')) return wrongCall(faultSentence(why));
  if (/^https?:/i.test(argument)) {
    return wrongCall(
      `This address has no # with a share behind it. If it is a link, copy the whole of it again, and put it in quotes. If it is that of a file: ${commandLine('fetch', argument)}`,
    );
  }
  return wrongCall(
    `${displayName(argument)} is no link and no file. A link ends in # and 43 characters: copy the whole link again, and put it in quotes.`,
  );
}
