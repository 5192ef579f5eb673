/**
 * In the browser: a member of a swarm that keeps to no rule. Speaks to the tracker and makes bare connections, so that
 * an attack can say what it likes on either. Dials whom it wants: it makes up ids smaller than everybody's.
 */
import { bytesToHex } from '../../shared/hex.ts';
import type { InfoHash, PeerId, SwarmId } from '../../shared/ids.ts';
import { swarmOf } from '../../shared/manifest/link.ts';
import type { Identity } from '../../shared/peer/ports.ts';
import { proofMessage } from '../../shared/peer/prove.ts';
import { encodeFrame, encodeHandshake } from '../../shared/protocol/codec.ts';
import { clientText, parseServerMessage } from '../../shared/tracker/messages.ts';
import type { ClientMessageDraft, ServerMessage } from '../../shared/tracker/messages.ts';
import { newIdentity } from '../../web/worker/identity.ts';

/** Of so many key pairs the one with the smallest id is nearly always the smaller one of any two. */
const IDENTITIES = 128;
/** ms for a connection to open, handshakes included. */
const OPENED_WITHIN_MS = 10_000;
const JOINED_WITHIN_MS = 10_000;
const HANDSHAKE_BYTES = 75;

export interface Swarm {
  /** `ws://…` of the tracker. */
  readonly tracker: string;
  readonly infoHash: InfoHash;
}

/** A connection after both have shaken hands. */
export interface Line {
  readonly connection: RTCPeerConnection;
  readonly channel: RTCDataChannel;
}

type Said = Record<string, unknown>;

export class HostileMember {
  readonly id: PeerId;
  readonly #swarm: SwarmId;
  readonly #infoHash: InfoHash;
  readonly #socket: WebSocket;
  readonly #attempts = new Map<string, (signal: Said) => void>();
  /** Who is in the swarm, as far as the tracker said. */
  readonly peers = new Set<PeerId>();
  #named: () => void = () => undefined;
  /** Told of everybody once. */
  onpeer: (peer: PeerId) => void = () => undefined;

  private constructor(id: PeerId, swarm: SwarmId, infoHash: InfoHash, socket: WebSocket) {
    this.id = id;
    this.#swarm = swarm;
    this.#infoHash = infoHash;
    this.#socket = socket;
  }

  /** A seed, as far as anybody is told. Rejects where the tracker is not reached. */
  static async join({ tracker, infoHash }: Swarm, proved: boolean): Promise<HostileMember> {
    const socket = new WebSocket(tracker);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onclose = reject;
    });
    const identity = proved ? await smallIdentity() : null;
    if (identity !== null) await prove(socket, identity);
    const swarm = await swarmOf(infoHash);
    const member = new HostileMember(identity?.id ?? smallId(), swarm, infoHash, socket);
    socket.onmessage = ({ data }) => {
      const message = parseServerMessage(String(data));
      if (message !== null) member.#heard(message);
    };
    const named = new Promise<true>((resolve) => (member.#named = () => resolve(true)));
    const { id: peerId } = member;
    say(socket, { type: 'announce', swarm, peerId, event: 'started', left: 0, want: 50 });
    if ((await within(named, JOINED_WITHIN_MS)) === null) throw new Error('not let in');
    return member;
  }

  leave(): void {
    this.#socket.close();
  }

  signal(to: PeerId, attempt: string, signals: readonly unknown[]): void {
    const payload = JSON.stringify({ attempt, signals });
    say(this.#socket, { type: 'signal', swarm: this.#swarm, from: this.id, to, payload });
  }

  /** Null: it did not come to a connection. */
  async dial(to: PeerId): Promise<Line | null> {
    const connection = new RTCPeerConnection();
    const channel = connection.createDataChannel('data');
    channel.binaryType = 'arraybuffer';
    const attempt = newAttempt();
    connection.onicecandidate = ({ candidate }) => {
      if (candidate === null || candidate.candidate === '') return;
      const { candidate: text, sdpMid, sdpMLineIndex } = candidate;
      this.signal(to, attempt, [
        { type: 'candidate', candidate: { candidate: text, sdpMid, sdpMLineIndex } },
      ]);
    };
    this.#attempts.set(attempt, (signal) => void hearSignal(connection, signal).catch(() => undefined));
    await connection.setLocalDescription();
    this.signal(to, attempt, [{ type: 'offer', sdp: connection.localDescription?.sdp }]);
    const opened = await within(this.#greet(channel), OPENED_WITHIN_MS);
    this.#attempts.delete(attempt);
    if (opened === true) return { connection, channel };
    connection.close();
    return null;
  }

  /** Handshake there and back, then the capability. */
  #greet(channel: RTCDataChannel): Promise<boolean> {
    return new Promise((resolve) => {
      let heard = 0;
      channel.onopen = () => channel.send(encodeHandshake(this.id, this.#infoHash));
      channel.onclose = () => resolve(false);
      channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
        heard += data.byteLength;
        if (heard < HANDSHAKE_BYTES) return;
        channel.send(encodeFrame({ kind: 'capability' }));
        resolve(true);
      };
    });
  }

  #heard(message: ServerMessage): void {
    if (message.type === 'peers') {
      for (const { peerId } of message.peers) this.#met(peerId);
      this.#named();
    }
    if (message.type === 'joined') this.#met(message.peerId);
    if (message.type !== 'signal') return;
    const { attempt, signals } = JSON.parse(message.payload) as { attempt: string; signals: Said[] };
    for (const signal of signals) this.#attempts.get(attempt)?.(signal);
  }

  #met(peer: PeerId): void {
    if (this.peers.has(peer)) return;
    this.peers.add(peer);
    this.onpeer(peer);
  }
}

async function hearSignal(connection: RTCPeerConnection, signal: Said): Promise<void> {
  if (signal['type'] === 'answer') await connection.setRemoteDescription(signal as never);
  else if (signal['type'] === 'candidate') await connection.addIceCandidate(signal['candidate'] as never);
}

async function prove(socket: WebSocket, identity: Identity): Promise<void> {
  const challenge = await new Promise<string>((resolve) => {
    socket.onmessage = ({ data }) => {
      const message = parseServerMessage(String(data));
      if (message?.type === 'challenge') resolve(message.challenge);
    };
    say(socket, { type: 'challenge' });
  });
  say(socket, await proofMessage(identity, challenge));
}

async function smallIdentity(): Promise<Identity> {
  let smallest = await newIdentity();
  for (let nth = 1; nth < IDENTITIES; nth++) {
    const other = await newIdentity();
    if (other.id < smallest.id) smallest = other;
  }
  return smallest;
}

function smallId(): PeerId {
  return `0000${randomHex(30)}` as PeerId;
}

export function newAttempt(): string {
  return randomHex(8);
}

function randomHex(bytes: number): string {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(bytes)));
}

function say(socket: WebSocket, message: ClientMessageDraft): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(clientText(message));
}

/** Null when it takes longer. */
export function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  return Promise.race([work, new Promise<null>((resolve) => setTimeout(() => resolve(null), ms))]);
}
