/**
 * One connection's byte stream, both ways, and its phase ([HS1]–[HS4], [PH1]): who is at the other end, what it may
 * say now, and the bytes of ours that have not left yet. Knows what no frame means: the stream is taken apart by
 * dispatch.ts.
 */
import { Allowance } from '../../allowance.ts';
import { assert } from '../../assert.ts';
import { dials } from '../../ids.ts';
import type { InfoHash, LinkId, PeerId } from '../../ids.ts';
import { FRAMES_A_SECOND, FRAMES_AT_ONCE } from '../../limits.ts';
import { encodeFrame, encodeHandshake } from '../../protocol/codec.ts';
import { violation } from '../../protocol/frames.ts';
import type { Frame, Handshake, Violation } from '../../protocol/frames.ts';
import type { Phase } from '../../protocol/phases.ts';
import { StreamDecoder } from '../../protocol/stream-decoder.ts';
import type { LinkRole, Output } from '../io.ts';

/** Who we are on every connection of a machine. */
export interface Identity {
  readonly own: PeerId;
  readonly infoHash: InfoHash;
}

export interface WireOptions {
  readonly link: LinkId;
  readonly role: LinkRole;
  /** Who it has to be, where that is known ([HS4]). */
  readonly expected: PeerId | null;
  readonly openedAt: number;
  /** The handshakes were made elsewhere ([HL51]). */
  readonly greeted?: boolean;
}

export class Wire {
  readonly link: LinkId;
  readonly role: LinkRole;
  readonly expected: PeerId | null;
  readonly openedAt: number;
  readonly #identity: Identity;
  /** What the peer sends; dispatch.ts reads it. */
  readonly stream: StreamDecoder;
  /** [PN14] Of further connections, which carry blocks alone. */
  readonly #subflows = new Map<number, StreamDecoder>();
  #phase: Phase = 'handshake';
  #peer: PeerId | null = null;
  #unsent = 0;
  /** Frames that the peer may send, those with blocks aside ([EN7]). */
  readonly frames = new Allowance(FRAMES_AT_ONCE, FRAMES_A_SECOND);

  constructor({ link, role, expected, openedAt, greeted }: WireOptions, identity: Identity) {
    this.link = link;
    this.role = role;
    this.expected = expected;
    this.openedAt = openedAt;
    this.#identity = identity;
    this.stream = greeted === true ? StreamDecoder.afterHandshake() : new StreamDecoder();
  }

  /** What comes over the first connection (0), or over a further one. */
  streamOf(subflow: number): StreamDecoder {
    if (subflow === 0) return this.stream;
    const known = this.#subflows.get(subflow) ?? StreamDecoder.afterHandshake();
    this.#subflows.set(subflow, known);
    return known;
  }

  subflowEnded(subflow: number): void {
    this.#subflows.delete(subflow);
  }

  get phase(): Phase {
    return this.#phase;
  }

  get open(): boolean {
    return this.#phase !== 'handshake';
  }

  /** The peer speaks our further frames. */
  get extended(): boolean {
    return this.#phase === 'extended';
  }

  /** Who it is; null before the handshake. */
  get id(): PeerId | null {
    return this.#peer;
  }

  /** The id of an open connection. */
  get peer(): PeerId {
    assert(this.#peer !== null, 'an open connection knows its peer');
    return this.#peer;
  }

  /** Bytes ordered sent that have not left yet. */
  get unsent(): number {
    return this.#unsent;
  }

  /** [HS2] The dialler speaks first. */
  greet(out: Output[]): void {
    const { own, infoHash } = this.#identity;
    this.#sendBytes(encodeHandshake(own, infoHash), out);
  }

  send(frame: Frame, out: Output[]): void {
    this.#sendBytes(encodeFrame(frame), out);
  }

  #sendBytes(bytes: Uint8Array<ArrayBuffer>, out: Output[]): void {
    this.#unsent += bytes.length;
    out.push({ kind: 'send', link: this.link, bytes });
  }

  /** A frame that the driver makes was ordered sent. */
  ordered(bytes: number): void {
    this.frames.earn(2);
    this.#unsent += bytes;
  }

  /** So many bytes have left, or will not be sent after all. */
  left(bytes: number): void {
    this.#unsent -= bytes;
  }

  /** [PH1] The peer showed the capability. */
  extend(): void {
    this.#phase = 'extended';
  }

  /** [HS3] [HS4] Hash, id order and the expected id; then the acceptor replies and both show the capability. */
  shakeHands(handshake: Handshake, out: Output[]): Violation | null {
    const { own, infoHash } = this.#identity;
    if (handshake.infoHash !== infoHash)
      return violation('wrong-info-hash', 'the peer speaks of another share');
    const dialler = this.role === 'dialler' ? own : handshake.peerId;
    const dialled = this.role === 'dialler' ? handshake.peerId : own;
    if (!dials(dialler, dialled)) return violation('wrong-id-order', 'the greater id dialled');
    if (this.expected !== null && this.expected !== handshake.peerId) {
      return violation('wrong-peer-id', 'another peer answered than the one that was introduced');
    }
    if (this.role === 'acceptor') this.greet(out);
    this.begin(handshake.peerId, out);
    return null;
  }

  /** Both have shaken hands, here or elsewhere: frames may come from now on. */
  begin(peer: PeerId, out: Output[]): void {
    this.#peer = peer;
    this.#phase = 'base';
    this.send({ kind: 'capability' }, out);
  }
}
