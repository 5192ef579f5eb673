/**
 * The other side's handshake on a fresh connection ([HL53]): 75 bytes within some seconds, the first of them TorrentInno's
 * name. What comes behind it is kept for who takes the connection over. Knows no shares: who it is, is the caller's to judge.
 */
import type { Socket } from 'node:net';
import type { InfoHash, PeerId } from '../../shared/ids.ts';
import { HANDSHAKE_BYTES } from '../../shared/limits.ts';
import type { Clock } from '../../shared/peer/ports.ts';
import { encodeHandshake, parseHandshake } from '../../shared/protocol/codec.ts';
import { GREETING_TIMEOUT_MS } from './limits.ts';

export type Greeting =
  | {
      kind: 'greeted';
      peer: PeerId;
      infoHash: InfoHash;
      /** What came behind it. */
      early: Uint8Array;
    }
  /** It speaks something else. */
  | { kind: 'foreign' }
  /** It said nothing whole in time. */
  | { kind: 'silent' }
  /** It ended the connection. */
  | { kind: 'ended' };

const MAGIC = Buffer.from('TorrentInno', 'latin1');

/** Told once; the socket is paused then, with no listener but for errors. */
export function awaitGreeting(socket: Socket, clock: Clock, told: (greeting: Greeting) => void): void {
  let heard: Buffer = Buffer.alloc(0);
  const tell = (greeting: Greeting): void => {
    cancel();
    socket.off('data', came);
    socket.off('end', ended);
    socket.off('close', ended);
    socket.pause();
    told(greeting);
  };
  const came = (bytes: Buffer): void => {
    heard = heard.length === 0 ? bytes : Buffer.concat([heard, bytes]);
    const seen = Math.min(heard.length, MAGIC.length);
    if (heard.compare(MAGIC, 0, seen, 0, seen) !== 0) return tell({ kind: 'foreign' });
    if (heard.length >= HANDSHAKE_BYTES) tell(greetingOf(heard));
  };
  const ended = (): void => tell({ kind: 'ended' });
  const cancel = clock.after(GREETING_TIMEOUT_MS, () => tell({ kind: 'silent' }));
  socket.on('data', came);
  socket.on('end', ended);
  socket.on('close', ended);
}

function greetingOf(heard: Uint8Array): Greeting {
  const handshake = parseHandshake(heard.subarray(0, HANDSHAKE_BYTES));
  if (handshake.kind === 'violation') return { kind: 'foreign' };
  const { peerId, infoHash } = handshake;
  return { kind: 'greeted', peer: peerId, infoHash, early: heard.subarray(HANDSHAKE_BYTES) };
}

export function greet(socket: Socket, own: PeerId, infoHash: InfoHash): void {
  socket.write(encodeHandshake(own, infoHash));
}
