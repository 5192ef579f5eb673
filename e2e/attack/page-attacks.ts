/**
 * What strangers do to the pages of a browser ([PN7] [PN8] [EN7] [SW8] [MX3]): each one example of a kind, with what
 * the person attacked does meanwhile. How it is done stands in `e2e/pages/attacker-page.ts`.
 */
import type { AttackOfPage } from '../pages/attacker-page.ts';
import { dottedName, growing, largest } from './hostile-manifests.ts';
import type { HostileManifest } from './hostile-manifests.ts';

export interface PageAttack {
  readonly name: string;
  readonly what: string;
  readonly kind: AttackOfPage | null;
  readonly scene: Scene;
  /** It is one of those that every run of the tests has time for, in Chromium. */
  readonly inShort?: true;
}

export type Scene =
  /** The victim shares, and somebody honest downloads from it. */
  | { readonly kind: 'sharing' }
  /** The victim opens a link whose swarm is full of attackers, with one honest sharer. */
  | { readonly kind: 'opening'; readonly listGoalMs: number }
  /** The victim opens a link of the attacker's, and then an honest one. */
  | { readonly kind: 'hostile-link'; readonly make: () => HostileManifest; readonly says: RegExp }
  /** The server is restarted, and somebody announces the victim's id first. */
  | { readonly kind: 'theft' };

const REFUSED = /cannot be opened/;

function sharing(name: AttackOfPage, what: string): PageAttack {
  return { name, what, kind: name, scene: { kind: 'sharing' } };
}

function opening(name: AttackOfPage, what: string, listGoalMs: number): PageAttack {
  return { name, what, kind: name, scene: { kind: 'opening', listGoalMs } };
}

function hostileLink(name: string, what: string, make: () => HostileManifest, says: RegExp): PageAttack {
  return { name, what, kind: 'hostile-manifest', scene: { kind: 'hostile-link', make, says } };
}

export const PAGE_ATTACKS: readonly PageAttack[] = [
  {
    ...sharing('candidate-bombs', 'offers with 60 and 150 signals of 60 candidates behind them'),
    inShort: true,
  },
  sharing('attempts', 'attempts of many ids, with as many candidates as one may have'),
  { ...sharing('tiny-messages', '400,000 messages of five bytes at once, and again'), inShort: true },
  sharing('floods-again', 'twelve ids that flood, are thrown out and come again'),
  sharing('floods-together', '32 ids that flood at the same time, each with no more than it may'),
  sharing('garbage', 'large messages of nothing that means anything'),
  sharing('large-frames', 'requests for everything, haves and bitfields without end'),
  sharing('reconnecting-peers', 'connections that are opened and closed again'),
  sharing('channels', 'sixty data channels on a connection, and descriptions as long as they may be'),
  opening('mute-peers', 'eight connected peers that say nothing', 3_000),
  opening('dripping-peers', 'eight connected peers that send a part of a list each 7 s', 3_000),
  opening('silent-ids', '400 ids of one address that say nothing', 5_000),
  hostileLink('dotted-name', 'a name of 100,000 dots and spaces', dottedName, REFUSED),
  {
    ...hostileLink('growing-list', 'a list of 4 MiB that grows when it is written again', growing, REFUSED),
    inShort: true,
  },
  hostileLink(
    'largest-list',
    'a list of 10,000 files, each in 31 folders',
    largest,
    /Nothing has been loaded yet/,
  ),
  {
    name: 'theft',
    what: 'the sharer’s id is announced first after a restart',
    kind: null,
    scene: { kind: 'theft' },
  },
];
