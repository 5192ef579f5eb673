/**
 * What page and signal server say to each other: JSON texts, one message a frame ([TR1]). Types, schemas, parsers
 * and builders. Knows no socket and no swarm: whether a message is allowed now is the server's business.
 *
 * Both parsers are total: whatever the text holds, they return a value. Unknown keys are dropped, so that neither
 * side breaks when the other learns a new one, and a key such as `__proto__` never reaches an object of ours.
 */
import * as v from 'valibot';
import { isHexId } from '../ids.ts';
import type { InfoHash, PeerId, SwarmId } from '../ids.ts';
import {
  MAX_ANNOUNCED_PEERS,
  MAX_COMMENT_LENGTH,
  MAX_FILES,
  MAX_NAME_BYTES,
  MAX_SIGNAL_BYTES,
} from '../limits.ts';
import {
  DEFAULT_SEARCH_RESULTS,
  MAX_QUERY_LENGTH,
  MAX_SCRAPED_SWARMS,
  MAX_SEARCH_RESULTS,
  MAX_SERVER_MESSAGE_LENGTH,
  MAX_TRACKER_FRAME_BYTES,
} from './limits.ts';
import { parsePlainAnnounce } from './plain-announce.ts';
import { CHALLENGE_BYTES, PROOF_ALGORITHMS, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './proof.ts';
import { fitsUtf8, isListable, isListableComment } from './text.ts';

const id = <T extends string>(): v.CustomSchema<T, undefined> =>
  v.custom<T>((input) => typeof input === 'string' && isHexId(input));
const swarm: v.CustomSchema<SwarmId, undefined> = id();
const peer: v.CustomSchema<PeerId, undefined> = id();
const infoHash: v.CustomSchema<InfoHash, undefined> = id();
const LOWERCASE_HEX = /^[0-9a-f]*$/;
/** So many bytes as lowercase hex digits; the length is judged first. */
const hexBytes = (bytes: number) =>
  v.custom<string>(
    (input) => typeof input === 'string' && input.length === 2 * bytes && LOWERCASE_HEX.test(input),
  );
/** A whole number from 0 to 2^53 - 1. */
const count = v.custom<number>((input) => Number.isSafeInteger(input) && Number(input) >= 0);
const payload = v.custom<string>((input) => typeof input === 'string' && fitsUtf8(input, MAX_SIGNAL_BYTES));
const name = v.custom<string>((input) => typeof input === 'string' && isListable(input, MAX_NAME_BYTES));
const comment = v.custom<string>(
  (input) => typeof input === 'string' && isListableComment(input, MAX_COMMENT_LENGTH),
);
const query = v.pipe(v.string(), v.maxLength(MAX_QUERY_LENGTH));
const atMost = (most: number, otherwise: number) =>
  v.pipe(
    v.optional(count, otherwise),
    v.transform((asked) => Math.min(asked, most)),
  );

const announce = v.object({
  type: v.literal('announce'),
  swarm,
  peerId: peer,
  event: v.picklist(['started', 'update', 'completed', 'stopped']),
  /** Bytes still missing; null: not known yet. 0 makes the member a seed. */
  left: v.nullable(count),
  want: atMost(MAX_ANNOUNCED_PEERS, MAX_ANNOUNCED_PEERS),
});
const signal = v.object({ type: v.literal('signal'), swarm, from: peer, to: peer, payload });
const scrape = v.object({
  type: v.literal('scrape'),
  swarms: v.pipe(v.array(v.unknown()), v.maxLength(MAX_SCRAPED_SWARMS), v.array(swarm)),
});
/** What a sharer lets others read of a share ([TR8]). */
export const listing = v.object({
  infoHash,
  name,
  size: count,
  files: v.pipe(count, v.minValue(1), v.maxValue(MAX_FILES)),
  comment: v.exactOptional(comment),
});
const publish = v.object({ type: v.literal('publish'), swarm, peerId: peer, ...listing.entries });
const unpublish = v.object({ type: v.literal('unpublish'), swarm, peerId: peer });
const search = v.object({
  type: v.literal('search'),
  query,
  offset: v.optional(count, 0),
  limit: atMost(MAX_SEARCH_RESULTS, DEFAULT_SEARCH_RESULTS),
});
const askChallenge = v.object({ type: v.literal('challenge') });
/** [ID3] The sender holds the private key whose public key has this id as its hash. */
const prove = v.object({
  type: v.literal('prove'),
  peerId: peer,
  algorithm: v.picklist(PROOF_ALGORITHMS),
  publicKey: v.union([hexBytes(PUBLIC_KEY_BYTES.ed25519), hexBytes(PUBLIC_KEY_BYTES.p256)]),
  signature: hexBytes(SIGNATURE_BYTES),
});

const counts = { complete: count, incomplete: count, downloaded: count };
const peers = v.object({
  type: v.literal('peers'),
  swarm,
  interval: v.pipe(count, v.minValue(1)),
  ...counts,
  peers: v.pipe(
    v.array(v.unknown()),
    v.maxLength(MAX_ANNOUNCED_PEERS),
    v.array(v.object({ peerId: peer, seed: v.boolean() })),
  ),
});
const relayed = v.object({ type: v.literal('signal'), swarm, from: peer, payload });
const joined = v.object({ type: v.literal('joined'), swarm, peerId: peer, seed: v.boolean() });
const left = v.object({ type: v.literal('left'), swarm, peerId: peer });
const scraped = v.object({ type: v.literal('scrape'), swarms: v.record(id<string>(), v.object(counts)) });
const published = v.object({ type: v.literal('published'), swarm });
const results = v.object({
  type: v.literal('results'),
  query: v.string(),
  total: count,
  results: v.pipe(
    v.array(v.unknown()),
    v.maxLength(MAX_SEARCH_RESULTS),
    v.array(v.object({ ...listing.entries, complete: count, incomplete: count })),
  ),
});
const challenge = v.object({ type: v.literal('challenge'), challenge: hexBytes(CHALLENGE_BYTES) });
const proved = v.object({ type: v.literal('proved'), peerId: peer });
const about = v.object({
  type: v.exactOptional(v.string()),
  swarm: v.exactOptional(swarm),
  peerId: v.exactOptional(peer),
});
const error = v.object({
  type: v.literal('error'),
  code: v.string(),
  message: v.string(),
  about: v.exactOptional(about),
});

const clientMessage = v.variant('type', [
  announce,
  signal,
  scrape,
  publish,
  unpublish,
  search,
  askChallenge,
  prove,
]);
const serverMessage = v.variant('type', [
  peers,
  relayed,
  joined,
  left,
  scraped,
  published,
  results,
  challenge,
  proved,
  error,
]);

export type ClientMessage = v.InferOutput<typeof clientMessage>;
export type Announce = v.InferOutput<typeof announce>;
export type Signal = v.InferOutput<typeof signal>;
export type Publish = v.InferOutput<typeof publish>;
export type Unpublish = v.InferOutput<typeof unpublish>;
export type Search = v.InferOutput<typeof search>;
export type Scrape = v.InferOutput<typeof scrape>;
export type Prove = v.InferOutput<typeof prove>;
/** What a client may write: like `ClientMessage`, with what has a default left out at wish. */
export type ClientMessageDraft = v.InferInput<typeof clientMessage>;
export type ServerMessage = v.InferOutput<typeof serverMessage>;
export type SwarmCounts = v.InferOutput<typeof scraped>['swarms'][string];
export type SearchResult = v.InferOutput<typeof results>['results'][number];

/** What an error is about, as far as the message said so in a readable way. */
export type About = v.InferOutput<typeof about>;

/** Every `code` of an `error` message ([TR9]). A client treats one that it does not know like `bad-message`. */
export type ErrorCode =
  /** The frame is not JSON text. */
  | 'bad-json'
  /** The frame is binary. */
  | 'binary'
  /** The frame is longer than the limit. */
  | 'too-large'
  /** `type` is none of the documented ones. */
  | 'unknown-type'
  /** A field is missing, has a wrong form or exceeds its bound. */
  | 'bad-message'
  /** Nobody of that id is in that swarm. */
  | 'no-such-peer'
  /** The peer id is not announced in that swarm on this socket. */
  | 'forbidden'
  /** The peer id is announced on another socket: one that is alive, or that proved it. */
  | 'in-use'
  /** What was sent proves no id on this socket, or too many proofs were sent on it. */
  | 'bad-proof'
  /** More peer ids in that swarm than one socket, or one address, may bring into it. */
  | 'too-many-peers'
  /** More (swarm, peer id) pairs on this socket than the server takes. */
  | 'too-many-swarms'
  /** Too much in too short a time; the message was not handled. */
  | 'rate-limited'
  /** This server keeps no directory of public shares. */
  | 'directory-off'
  /** The directory, or this sharer's part of it, is full. */
  | 'directory-full'
  /** The server is being restarted; the socket is about to close with code 1012. */
  | 'restarting'
  /** The server could not do it; the same message may succeed later. */
  | 'unavailable';

export interface Refused {
  readonly type: 'refused';
  readonly code: ErrorCode;
  readonly message: string;
  readonly about?: About;
}

const CLIENT_TYPES: readonly unknown[] = clientMessage.options.map(({ entries }) => entries.type.literal);

/** The message in one text frame of a client, or why it is none. Never throws. */
export function parseClientMessage(text: string): ClientMessage | Refused {
  if (text.length > MAX_TRACKER_FRAME_BYTES) {
    return refused('too-large', `A message has at most ${MAX_TRACKER_FRAME_BYTES} bytes.`);
  }
  const plain = parsePlainAnnounce(text);
  if (plain) return plain;
  const value = parseJson(text);
  if (value === undefined) return refused('bad-json', 'The frame is not JSON text.');
  const parsed = v.safeParse(clientMessage, value, { abortEarly: true });
  return parsed.success ? parsed.output : explain(value, parsed.issues[0]);
}

/** The message in one text frame of the server; null: none that this version knows. Never throws. */
export function parseServerMessage(text: string): ServerMessage | null {
  if (text.length > MAX_SERVER_MESSAGE_LENGTH) return null;
  const parsed = v.safeParse(serverMessage, parseJson(text), { abortEarly: true });
  return parsed.success ? parsed.output : null;
}

export function clientText(message: ClientMessageDraft): string {
  return JSON.stringify(message);
}

export function serverText(message: ServerMessage): string {
  return JSON.stringify(message);
}

export function errorMessage(code: ErrorCode, message: string, concerns?: About): ServerMessage {
  return concerns ? { type: 'error', code, message, about: concerns } : { type: 'error', code, message };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(code: ErrorCode, message: string, concerns?: About): Refused {
  return concerns ? { type: 'refused', code, message, about: concerns } : { type: 'refused', code, message };
}

const anyKeys = v.object({
  type: v.fallback(v.unknown(), null),
  swarm: v.fallback(v.nullable(swarm), null),
  peerId: v.fallback(v.nullable(peer), null),
  to: v.fallback(v.nullable(peer), null),
});

function explain(value: unknown, issue: v.BaseIssue<unknown>): Refused {
  const keys = v.safeParse(anyKeys, value);
  if (!keys.success) return refused('bad-message', 'A message is a JSON object.');
  const type = keys.output.type;
  if (typeof type !== 'string' || !CLIENT_TYPES.includes(type)) {
    return refused('unknown-type', 'The field `type` names no message that this server knows.');
  }
  const peerId = keys.output.to ?? keys.output.peerId;
  const field = String(issue.path?.[0]?.key ?? 'message');
  return refused(
    'bad-message',
    `The field \`${field}\` of this ${type} is missing, malformed or out of bounds.`,
    {
      type,
      ...(keys.output.swarm ? { swarm: keys.output.swarm } : {}),
      ...(peerId ? { peerId } : {}),
    },
  );
}
