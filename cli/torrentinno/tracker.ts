/**
 * [HL56] [HL57] TorrentInno's tracker: one announce, and whom it names. Its answer is a stranger's: bounded before it is
 * read, and of each peer in it only what can be used is kept. Knows no schedule.
 */
import * as v from 'valibot';
import { infoHash as infoHashOf, peerId } from '../../shared/ids.ts';
import type { InfoHash, PeerId } from '../../shared/ids.ts';
import type { Clock } from '../../shared/peer/ports.ts';
import { isDiallable } from './addresses.ts';
import { ANNOUNCE_TIMEOUT_MS, LEAST_DIALLED_PORT, MAX_ANSWERED, MAX_ANSWER_BYTES } from './limits.ts';

/** Where a peer can be reached, by its own word. */
export interface NamedPeer {
  readonly id: PeerId;
  readonly host: string;
  readonly port: number;
}

export interface TrackerAnnounce {
  readonly peer: PeerId;
  readonly infoHash: InfoHash;
  readonly host: string;
  readonly port: number;
}

export type TrackerAnswer =
  /** Each id once, in its order; the announcer itself may be among them. */
  | { kind: 'answered'; peers: readonly NamedPeer[] }
  /** It is there and does not take this share, or answers what is no answer. `why`: what a person can be told of it. */
  | { kind: 'refused'; why: string }
  | { kind: 'away'; why: string };

const answer = v.object({ peers: v.nullable(v.array(v.unknown())) });
/** Its own client leaves out who has no info-hash; the specification has none. Nothing is lost by taking both. */
const named = v.object({
  peerId: v.string(),
  publicIp: v.string(),
  publicPort: v.string(),
  infoHash: v.optional(v.string()),
});

/** Never rejects. */
export async function announceTo(url: URL, announce: TrackerAnnounce, clock: Clock): Promise<TrackerAnswer> {
  const { peer, infoHash, host, port } = announce;
  const aborted = new AbortController();
  const cancel = clock.after(ANNOUNCE_TIMEOUT_MS, () => aborted.abort());
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ peerId: peer, infoHash, publicIp: host, publicPort: String(port) }),
      redirect: 'error',
      signal: aborted.signal,
    });
    const text = response.ok ? await boundedText(response) : null;
    if (!response.ok) aborted.abort();
    if (!response.ok) return { kind: 'refused', why: `it answered with status ${response.status}` };
    const peers = text === null ? null : peersOf(text, infoHash);
    if (peers === null) return { kind: 'refused', why: 'its answer is no list of peers' };
    return { kind: 'answered', peers };
  } catch {
    // Away, or not in time: what exactly is nobody's to mend here.
    return { kind: 'away', why: aborted.signal.aborted ? 'it says nothing' : 'it cannot be reached' };
  } finally {
    cancel();
  }
}

/** Null: it is longer than any answer that makes sense. */
async function boundedText({ body }: Response): Promise<string | null> {
  if (body === null) return '';
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** Null: it is no answer. */
export function peersOf(text: string, infoHash: InfoHash): NamedPeer[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null; // a stranger's text
  }
  const heard = v.safeParse(answer, json);
  if (!heard.success) return null;
  const peers = new Map<PeerId, NamedPeer>();
  for (const one of (heard.output.peers ?? []).slice(0, MAX_ANSWERED)) {
    const peer = peerOf(one, infoHash);
    if (peer !== null) peers.set(peer.id, peer);
  }
  return [...peers.values()];
}

/** Null: it cannot be dialled. */
function peerOf(value: unknown, infoHash: InfoHash): NamedPeer | null {
  const parsed = v.safeParse(named, value);
  if (!parsed.success) return null;
  const { peerId: text, publicIp, publicPort, infoHash: of } = parsed.output;
  if (of !== undefined && infoHashOf(of) !== infoHash) return null;
  const id = peerId(text);
  const port = /^\d{1,5}$/.test(publicPort) ? Number(publicPort) : 0;
  if (id === null || !isDiallable(publicIp) || port < LEAST_DIALLED_PORT || port > 65_535) return null;
  return { id, host: publicIp, port };
}
