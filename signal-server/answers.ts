/**
 * The texts of the messages that a busy tracker sends most, put together without an object in between. Of peers,
 * joined and left every part was checked to be hex digits or is a number, so nothing needs escaping, and they are ASCII.
 */
import type { PeerId, SwarmId } from '../shared/ids.ts';
import { ANNOUNCE_INTERVAL_S } from '../shared/tracker/limits.ts';
import { errorMessage, serverText } from '../shared/tracker/messages.ts';
import type {
  About,
  ClientMessage,
  ErrorCode,
  SearchResult,
  SwarmCounts,
} from '../shared/tracker/messages.ts';
import type { NamedMember } from './swarms.ts';

export function peersText(swarm: SwarmId, counts: SwarmCounts, named: readonly NamedMember[]): string {
  let peers = '';
  for (const { peerId, seed } of named) {
    peers += `${peers === '' ? '' : ','}{"peerId":"${peerId}","seed":${seed}}`;
  }
  const { complete, incomplete, downloaded } = counts;
  return `{"type":"peers","swarm":"${swarm}","interval":${ANNOUNCE_INTERVAL_S},"complete":${complete},"incomplete":${incomplete},"downloaded":${downloaded},"peers":[${peers}]}`;
}

export function joinedText(swarm: SwarmId, peerId: PeerId, seed: boolean): string {
  return `{"type":"joined","swarm":"${swarm}","peerId":"${peerId}","seed":${seed}}`;
}

export function leftText(swarm: SwarmId, peerId: PeerId): string {
  return `{"type":"left","swarm":"${swarm}","peerId":"${peerId}"}`;
}

export function errorText(code: ErrorCode, message: string, about?: About): string {
  return serverText(errorMessage(code, message, about));
}

/** [TR9] By what its sender knows a message that was refused; of a signal it is the receiver. */
export function aboutOf(message: ClientMessage): About {
  const peerId = 'to' in message ? message.to : 'peerId' in message ? message.peerId : null;
  return {
    type: message.type,
    ...('swarm' in message ? { swarm: message.swarm } : {}),
    ...(peerId === null ? {} : { peerId }),
  };
}

/** UTF-8 bytes of the results in one answer to a search. */
export const MAX_RESULTS_BYTES = 65_536;

/** As many of the results as fit, one at least: whoever pages goes on behind the last. */
export function resultsText(query: string, total: number, results: readonly SearchResult[]): string {
  let texts = '';
  let bytes = 0;
  for (const result of results) {
    const text = JSON.stringify(result);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > MAX_RESULTS_BYTES && texts !== '') break;
    texts += `${texts === '' ? '' : ','}${text}`;
  }
  return `{"type":"results","query":${JSON.stringify(query)},"total":${total},"results":[${texts}]}`;
}
