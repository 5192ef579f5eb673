/**
 * A peer whose every word the test chooses: it reads the other side's stream and says what it is told to, rightly or
 * not. Whatever it does by itself is a script that the test gave it.
 */
import type { InfoHash, PeerId } from '../../ids.ts';
import { encodeFrame, encodeHandshake } from '../../protocol/codec.ts';
import type { BlockRange, Frame, FrameKind } from '../../protocol/frames.ts';
import { StreamDecoder } from '../../protocol/stream-decoder.ts';
import type { Received } from '../../protocol/stream-decoder.ts';
import type { LinkRole } from '../io.ts';
import type { Line, Party, PipeEnd } from './pipe.ts';
import type { TestShare } from './share.ts';

export type Script = (heard: Received, peer: ScriptedPeer) => void;

export class ScriptedPeer implements Party {
  readonly id: PeerId;
  readonly infoHash: InfoHash;
  readonly heard: Received[] = [];
  /** The other side closed the connection. */
  closed = false;
  script: Script;
  #line: Line | null = null;

  constructor(id: PeerId, infoHash: InfoHash, script: Script = () => undefined) {
    this.id = id;
    this.infoHash = infoHash;
    this.script = script;
  }

  attach(role: LinkRole, _expected: PeerId | null, line: Line): PipeEnd {
    this.#line = line;
    const decoder = new StreamDecoder();
    if (role === 'dialler') this.greet();
    return {
      received: (bytes) => {
        decoder.push(bytes);
        for (let one = decoder.next(); one !== null; one = decoder.next()) {
          if (one.kind === 'violation') throw new Error(`the engine broke the protocol: ${one.detail}`);
          const kept = 'data' in one ? { ...one, data: one.data.slice() } : one;
          this.heard.push(kept);
          if (kept.kind === 'handshake' && role === 'acceptor') this.greet();
          this.script(kept, this);
        }
      },
      left: () => undefined,
      closed: () => {
        this.closed = true;
      },
    };
  }

  greet(): void {
    this.bytes(encodeHandshake(this.id, this.infoHash));
  }

  bytes(bytes: Uint8Array): void {
    this.#line?.write(bytes);
  }

  say(...frames: Frame[]): void {
    for (const frame of frames) this.bytes(encodeFrame(frame));
  }

  close(): void {
    this.#line?.close();
  }

  frames<K extends FrameKind>(kind: K): (Frame & { kind: K })[] {
    return this.heard.filter((one): one is Frame & { kind: K } => one.kind === kind);
  }

  get requests(): (Frame & { kind: 'request' })[] {
    return this.frames('request');
  }
}

export interface SeedScript {
  readonly share: TestShare;
  /** Which pieces it says to have. Default: all. */
  readonly has?: readonly number[];
  /** False: an unmodified peer, no capability. */
  readonly extended?: boolean;
  /** Changes what it answers; null: it stays silent. */
  readonly answer?: (
    range: BlockRange,
    good: Uint8Array,
    peer: ScriptedPeer,
  ) => Frame | readonly Frame[] | null;
  /** The manifest's bytes as it sends them; null: it says that it has none. */
  readonly manifest?: Uint8Array | null;
}

/** A peer that has pieces and answers requests, honestly unless `answer` says otherwise. */
export function seedScript(seed: SeedScript): Script {
  const { share } = seed;
  const has = seed.has ?? share.pieces.map((_, piece) => piece);
  return (heard, peer) => {
    if (heard.kind === 'handshake') {
      if (seed.extended !== false) peer.say({ kind: 'capability' });
      peer.say({ kind: 'bitfield', bits: bitsOf(share.pieces.length, has) });
    }
    if (heard.kind === 'request') {
      const good = goodBlock(share, heard);
      const honest: Frame = { kind: 'piece', piece: heard.piece, offset: heard.offset, data: good };
      const answer = seed.answer === undefined ? honest : seed.answer(heard, good, peer);
      if (answer !== null) peer.say(...(Array.isArray(answer) ? (answer as Frame[]) : [answer as Frame]));
    }
    if (heard.kind === 'metadata-request') peer.say(chunkOf(seed, heard.offset));
  };
}

export function goodBlock(share: TestShare, range: BlockRange): Uint8Array {
  return (share.pieces[range.piece] ?? new Uint8Array(0)).slice(range.offset, range.offset + range.length);
}

export function bitsOf(pieces: number, has: readonly number[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(pieces / 8));
  for (const piece of has) bits[piece >> 3] = (bits[piece >> 3] ?? 0) | (0x80 >> (piece & 7));
  return bits;
}

function chunkOf(seed: SeedScript, offset: number): Frame {
  const manifest = seed.manifest === undefined ? seed.share.manifestBytes : seed.manifest;
  if (manifest === null) return { kind: 'metadata', total: 0, offset: 0, data: new Uint8Array(0) };
  const data = manifest.slice(offset, offset + 65_536);
  return { kind: 'metadata', total: manifest.length, offset, data };
}
