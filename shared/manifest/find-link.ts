/**
 * Finds the share that a text leads to ([LK4]): a link in a sentence, in brackets, escaped, broken by a mail program.
 * Work is linear in the length of the text. Knows no addresses: whatever stands before `#` may stand there.
 */
import type { InfoHash } from '../ids.ts';
import { LINK_LENGTH, parseLink } from './link.ts';
import type { LinkFault } from './link.ts';
import { unescaped } from './unescaped.ts';

export type FoundLink =
  | { kind: 'link'; infoHash: InfoHash }
  /** Different ones. */
  | { kind: 'several' }
  /** The text as a whole was meant as a link. */
  | { kind: 'damaged'; why: LinkFault }
  /** `why`: what would be wrong with it, were it one. */
  | { kind: 'none'; why: LinkFault };

/** What may stand between `#` and the id: marks, line breaks, the path of a page such as ours for one share. */
const ANCHOR = /#[^\w#-]{0,8}(?:[a-z]{1,16}\/{1,8}){0,2}/gi;
/** Characters of base64url, as many as there are. */
const RUN = /[\w-]+/y;
const LONG_RUN = /(?<![\w-])[\w-]{43,}/g;
/** What a mail program puts between two parts of a line that it breaks. */
const GAP = /[\s>]{1,16}/y;

/** An id that touches other words by one of these is a part of something else: an address, a token, a digest. */
const JOINED_BEFORE = /[A-Za-z\d][./=&?%+@:\\~]{1,8}$/;
const JOINED_BEHIND = /^[./=&?%+@:\\~]{1,8}[A-Za-z\d]/;
const JOINT_LENGTH = 9;
/** The last part of a broken id: any other word might as well be the next one of the sentence. */
const WORD = /^[A-Za-z]?[a-z]{2,}$/;

/** Texts that are longer are no link as a whole. */
const MAX_LINK_TEXT = 2_000;
/** Digits behind a `#`. */
const COLOUR_LENGTH = 8;

export function findLink(text: string): FoundLink {
  const plain = unescaped(text);
  // What has no escapes may still have them removed by mistake: a character that is not seen can end an id as well.
  const readings = plain === text ? [text] : [text, plain];
  for (const idsIn of [anchoredIds, wordIds]) {
    const ids = new Set(readings.flatMap((reading) => [...idsIn(reading)]));
    if (ids.size > 0) return verdict(ids);
  }
  const broken = new Set(brokenIds(plain));
  return broken.size > 0 ? verdict(broken) : flaw(plain.trim());
}

function verdict(ids: ReadonlySet<InfoHash>): FoundLink {
  const [infoHash] = ids;
  return infoHash === undefined || ids.size > 1 ? { kind: 'several' } : { kind: 'link', infoHash };
}

/** Those that stand behind a `#`. */
function* anchoredIds(text: string): Generator<InfoHash> {
  for (const anchor of text.matchAll(ANCHOR)) {
    const id = idIn(runAt(text, anchor.index + anchor[0].length));
    if (id !== null) yield id;
  }
}

/** Those that are words by themselves. Where there are other words an id has to look like chance. */
function* wordIds(text: string): Generator<InfoHash> {
  const first = text.search(/[A-Za-z\d]/);
  const last = lastLetter(text);
  for (const { 0: run, index } of text.matchAll(LONG_RUN)) {
    const id = idIn(run);
    if (id === null || isJoined(text, index, index + run.length)) continue;
    const alone = first >= index && last < index + run.length;
    if (alone || looksRandom(run)) yield id;
  }
}

function lastLetter(text: string): number {
  let at = text.length - 1;
  while (at >= 0 && !/[A-Za-z\d]/.test(text.charAt(at))) at--;
  return at;
}

function isJoined(text: string, from: number, to: number): boolean {
  const before = text.slice(Math.max(0, from - JOINT_LENGTH), from);
  return JOINED_BEFORE.test(before) || JOINED_BEHIND.test(text.slice(to, to + JOINT_LENGTH));
}

/** Those that spaces or line breaks cut: behind a `#`, or all of a text that has none. */
function* brokenIds(text: string): Generator<InfoHash> {
  let anchored = false;
  for (const anchor of text.matchAll(ANCHOR)) {
    anchored = true;
    const broken = brokenIdAt(text, anchor.index + anchor[0].length);
    if (broken !== null) yield broken.id;
  }
  const broken = anchored ? null : brokenIdAt(text, text.search(/[\w-]/));
  if (broken !== null && lastLetter(text) < broken.end) yield broken.id;
}

/** Of the parts from there on: at most one number of them makes 43 characters. */
function brokenIdAt(text: string, start: number): { id: InfoHash; end: number } | null {
  if (start < 0) return null;
  let joined = '';
  let part = '';
  let at = start;
  while (joined.length < LINK_LENGTH) {
    part = runAt(text, at);
    if (part === '') return null;
    joined += part;
    at += part.length;
    GAP.lastIndex = at;
    if (joined.length < LINK_LENGTH) at += GAP.exec(text)?.[0].length ?? 0;
  }
  const id = idIn(joined);
  return id === null || WORD.test(part) || !looksRandom(joined) ? null : { id, end: at };
}

function runAt(text: string, at: number): string {
  RUN.lastIndex = at;
  return RUN.exec(text)?.[0] ?? '';
}

/**
 * The id that the run is, but for `-` and `_` around it: they mark words in many a notation. None ends in one of them
 * ([LK2]), so what stands behind it is no part of it, and what stands before 43 characters is none either.
 */
function idIn(run: string): InfoHash | null {
  const end = withoutMarks(run);
  for (let at = 0; at < end - LINK_LENGTH; at++) if (!isMark(run.charAt(at))) return null;
  const link = parseLink(run.slice(Math.max(0, end - LINK_LENGTH), end));
  return link.kind === 'link' ? link.infoHash : null;
}

/** Where its marks at the end begin. */
function withoutMarks(run: string): number {
  let end = run.length;
  while (end > 0 && isMark(run.charAt(end - 1))) end--;
  return end;
}

function isMark(letter: string): boolean {
  return letter === '-' || letter === '_';
}

/** Letters of both kinds and digits, as all ids but one in a thousand have them, and hardly a name or a word has. */
function looksRandom(run: string): boolean {
  return /(?:[A-Z][^A-Z]*){6}/.test(run) && /(?:[a-z][^a-z]*){6}/.test(run) && /\d/.test(run);
}

/** Judges the text as if it were a link: what stands behind its first `#`, or all of it. */
function flaw(text: string): FoundLink {
  const hash = text.indexOf('#');
  if (hash < 0 && text.includes('://')) return { kind: 'none', why: 'empty' };
  const behind = text.slice(hash + 1, hash + 1 + MAX_LINK_TEXT);
  const fragment = behind.replace(/^[^\w/-]{0,8}(?:\/?(?:share|transfers)\/+)?/i, '');
  const whole = text.length <= MAX_LINK_TEXT && isWholeLink(text, hash, fragment);
  return { kind: whole ? 'damaged' : 'none', why: faultOf(fragment) };
}

function faultOf(fragment: string): LinkFault {
  const run = runAt(fragment, 0);
  if (run === '') return /[\p{L}\p{N}]/u.test(fragment) ? 'alphabet' : 'empty';
  // A character of another kind in the middle was mistyped; one that ends words may end a link that was cut.
  if (!/^(?:$|[\s.,;:!?…&#|*<>()[\]{}'"’”»])/.test(fragment.slice(run.length))) return 'alphabet';
  const link = parseLink(run.slice(0, withoutMarks(run)));
  return link.kind === 'link' ? 'alphabet' : link.why;
}

/** It is one word, or begins with one that has a `#`, and what should be the id looks like a part of one. */
function isWholeLink(text: string, hash: number, fragment: string): boolean {
  const [word = ''] = fragment.split(/\s/, 1);
  if (!/[A-Z]/.test(word) || !/[a-z]/.test(word) || !/\d/.test(word)) return false;
  const before = text.slice(0, Math.max(0, hash));
  // A word that is as short may be a colour.
  if (hash >= 0) return !/\s/.test(before) && (before.includes('://') || word.length > COLOUR_LENGTH);
  const run = runAt(word, 0);
  return run.length >= LINK_LENGTH / 2 && !/[\sA-Za-z\d]/.test(text.replace(run, ''));
}
