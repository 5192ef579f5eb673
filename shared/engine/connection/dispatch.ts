/**
 * Takes what a link brings apart and each frame to the part that owns the matter ([EN3], [PH1]): the only place that
 * knows what every frame means. A peer that breaks a rule, or has to go for another reason, is dropped, and what
 * follows is not heard. Owns the way to the manifest, and with it the one place where the content stands once it is
 * known.
 */
import { assert, unreachable } from '../../assert.ts';
import type { InfoHash } from '../../ids.ts';
import { MAX_UNSENT_BYTES } from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { Frame, Violation } from '../../protocol/frames.ts';
import { isLegal } from '../../protocol/phases.ts';
import type { Content } from '../content.ts';
import type { CloseReason, Input, Output } from '../io.ts';
import type { Manifest } from '../../manifest/resource.ts';
import { refuseRequest } from '../upload/upload.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import type { WebSide } from '../web/web-side.ts';
import { ManifestFetch } from './manifest-fetch.ts';
import { ManifestServer } from './manifest-server.ts';

type Why = Violation | CloseReason;

export class Dispatch {
  readonly #connections: Connections;
  readonly #fetch: ManifestFetch;
  readonly #server = new ManifestServer();
  readonly #web: Pick<WebSide, 'jobs' | 'swarm'>;
  #content: Content | null = null;
  #refused = false;

  constructor(connections: Connections, infoHash: InfoHash, web: Pick<WebSide, 'jobs' | 'swarm'>) {
    this.#connections = connections;
    this.#web = web;
    this.#fetch = new ManifestFetch(infoHash);
  }

  /** Null while the manifest is not known. */
  get content(): Content | null {
    return this.#content;
  }

  /** While there is none: somebody sent one that cannot be, or not for this link. */
  get manifestRefused(): boolean {
    return this.#refused && this.#content === null;
  }

  /** [HL51] Of one whose handshakes were made elsewhere everything goes on as behind them. */
  opened(input: Input & { kind: 'link-opened' }, now: number, out: Output[]): void {
    this.#connections.opened(input, now, out);
    const connection = this.#connections.get(input.link);
    if (connection !== undefined) this.#web.swarm?.opened(connection);
    if (input.greeted !== true || connection === undefined) return;
    assert(input.expected !== null, 'who was greeted has a name');
    connection.wire.begin(input.expected, out);
    const why = this.#greeted(connection, now, out);
    if (why !== null) this.#connections.drop(connection, why, now, out);
  }

  /** Bytes of a peer's stream, cut anywhere. */
  receive(
    { link, bytes, subflow = 0 }: Input & { kind: 'bytes-received' },
    now: number,
    out: Output[],
  ): void {
    const connection = this.#connections.get(link);
    // The link was dropped and its last bytes were on the way.
    if (connection === undefined) return;
    const { wire, source } = connection;
    const stream = wire.streamOf(subflow);
    stream.push(bytes);
    for (let heard = stream.next(); heard !== null; heard = stream.next()) {
      let why: Why | null;
      if (heard.kind === 'violation') why = heard;
      else if (subflow !== 0 && heard.kind !== 'piece')
        why = violation('out-of-phase', `a ${heard.kind} frame beside the stream`);
      else if (heard.kind === 'handshake')
        why = wire.shakeHands(heard, out) ?? this.#greeted(connection, now, out);
      else if (!isLegal(heard.kind, wire.phase))
        why = violation('out-of-phase', `a ${heard.kind} frame in the ${wire.phase} phase`);
      else
        why =
          judgeNumber(connection, heard, now) ??
          this.#means(connection, heard, now, out) ??
          judgeReader(connection);
      if (why !== null) {
        const reason: CloseReason = 'what' in why ? { kind: 'violation', violation: why } : why;
        return this.#connections.drop(connection, reason, now, out);
      }
    }
    const { partOfPiece } = stream;
    if (partOfPiece > 0) source.pipeline.partCame(partOfPiece);
  }

  /** [PN14] Of what was asked for some may have been lost with it, and nobody knows what. */
  subflowEnded({ link, subflow, lost }: Input & { kind: 'subflow-ended' }, out: Output[]): void {
    const connection = this.#connections.get(link);
    if (connection === undefined) return;
    connection.wire.subflowEnded(subflow);
    if (!lost) return;
    this.#content?.download.requests.cancelAll(connection.source, out);
    this.#content?.download.mayAsk(connection.source);
  }

  #means(connection: Connection, frame: Frame, now: number, out: Output[]): Why | null {
    const { slot, source } = connection;
    const content = this.#content;
    switch (frame.kind) {
      case 'piece': {
        if (content === null) return violation('unasked-block', 'a block before the manifest is known');
        if (this.#web.swarm?.looks.blockCame(connection.link, frame, now, out) === true) return null;
        content.download.mayAsk(source);
        return content.download.requests.blockCame(source, frame, now, out);
      }
      case 'request':
        return content === null
          ? refuseRequest(slot, frame, out)
          : content.upload.asked(slot, frame, now, out);
      case 'capability':
        connection.wire.extend();
        content?.upload.extended(slot, now, out);
        this.#web.swarm?.extended(connection, out);
        this.#web.jobs.extended(connection, out);
        return this.lookForManifest(now, out);
      case 'bitfield':
      case 'have':
        return this.#said(connection, frame, now, out);
      case 'cancel':
        content?.upload.cancelled(slot, frame, out);
        return null;
      case 'reject':
        if (this.#web.swarm?.looks.rejected(connection.link, frame) === true) return null;
        content?.rejected(connection, frame, out);
        content?.download.mayAskAll();
        return null;
      case 'metadata-request':
        return this.#server.asked(connection, frame.offset, this.#manifestBytes, now, out);
      case 'metadata':
        return this.#chunk(connection, frame, now, out);
      case 'choke':
        source.choke();
        content?.download.choked(source, out);
        return null;
      case 'unchoke':
        source.unchoke();
        content?.download.unchoked(source);
        return null;
      case 'web-facts':
        if (this.#web.swarm === null)
          return violation('out-of-phase', 'facts of a web address in another swarm');
        return this.#web.swarm.saidFacts(connection, frame.text, content);
      case 'web-job':
      case 'web-job-answer':
        return this.#web.jobs.heard(connection, frame, out);
      default:
        return unreachable(frame);
    }
  }

  #greeted(connection: Connection, now: number, out: Output[]): CloseReason | null {
    const why = this.#connections.greeted(connection, now, out);
    if (why === null) this.#content?.greeted(connection, now, out);
    return why;
  }

  #said(
    connection: Connection,
    frame: Frame & { kind: 'bitfield' | 'have' },
    now: number,
    out: Output[],
  ): Violation | null {
    const { holdings, source } = connection;
    const content = this.#content;
    if (content === null) {
      this.#fetch.reconsider(connection);
      this.lookForManifest(now, out);
      if (frame.kind === 'have') return holdings.saidHaveEarly(frame.pieces);
      return holdings.saidBitfield(frame.bits, null);
    }
    content.download.mayAsk(source);
    return frame.kind === 'have'
      ? content.saidHave(connection, frame.pieces, now, out)
      : content.saidBitfield(connection, frame.bits, now, out);
  }

  #chunk(
    connection: Connection,
    frame: Frame & { kind: 'metadata' },
    now: number,
    out: Output[],
  ): Violation | null {
    // Asked of a peer before another one was faster.
    if (this.#content !== null) return null;
    const bad = this.#fetch.chunkArrived(connection, frame, now, out);
    if (bad?.what === 'bad-manifest') this.#refused = true;
    this.lookForManifest(now, out);
    return bad;
  }

  // The manifest

  /** When to look for it again, in ms; Infinity: not before something happens. */
  get manifestDueAt(): number {
    return this.#content === null ? this.#fetch.dueAt : Infinity;
  }

  /** Asks somebody for the manifest, while there is none and somebody may have it. */
  lookForManifest(now: number, out: Output[]): null {
    if (this.#content === null && !this.#connections.stopped) this.#fetch.begin(this.#connections, now, out);
    return null;
  }

  /** The link's manifest; null: nothing came of it, and the peer that sent another one is dropped. */
  manifestHashed(
    { link, infoHash, shoalDigest }: Input & { kind: 'manifest-hashed' },
    now: number,
    out: Output[],
  ): Manifest | null {
    const connection = this.#connections.get(link);
    const result = this.#fetch.hashed(link, infoHash, shoalDigest);
    if (connection === undefined || result === null || this.#content !== null) return null;
    if (!('what' in result)) return result;
    this.#refused = true;
    this.#connections.drop(connection, { kind: 'violation', violation: result }, now, out);
    this.lookForManifest(now, out);
    return null;
  }

  linkEnded(
    { kind, link }: Input & { kind: 'link-closed' | 'link-flooded' },
    now: number,
    out: Output[],
  ): void {
    if (kind === 'link-flooded') this.#connections.flooded(link, now, out);
    else this.#connections.closed(link, now);
    this.lookForManifest(now, out);
  }

  /** The manifest is known from the beginning. */
  begin(content: Content): void {
    this.#content = content;
  }

  /**
   * The manifest became known. What peers said before we knew how many pieces there are is judged now, and they learn
   * what we have.
   */
  introduce(content: Content, now: number, out: Output[]): void {
    this.#content = content;
    for (const connection of [...this.#connections]) {
      if (!connection.wire.open) continue;
      const bad = connection.holdings.learnPieceCount(content.pieceCount);
      content.introduced(connection, null, now, out);
      if (bad !== null) this.#connections.drop(connection, { kind: 'violation', violation: bad }, now, out);
      else content.greeted(connection, now, out);
    }
    content.download.mayAskAll();
  }

  closed(connection: Connection): void {
    this.#web.swarm?.closed(connection);
    this.#content?.closed(connection);
    this.#content?.download.mayAskAll();
    this.#fetch.closed(connection);
    this.#server.closed(connection);
    this.#web.jobs.closed(connection);
  }

  /** [WS20] One without hashes is no manifest to anybody else. */
  get #manifestBytes(): Uint8Array | null {
    return this.#web.swarm === null ? (this.#content?.manifestBytes ?? null) : null;
  }

  /** Sends what waits for room. */
  run(out: Output[]): void {
    this.#server.run(this.#manifestBytes, out);
  }
}

/** [EN7] A block was asked for; of everything else a peer may send as much as it could need, by what it makes us do. */
function judgeNumber({ wire }: Connection, frame: Frame, now: number): Violation | null {
  if (frame.kind === 'piece') {
    wire.frames.earn(2);
    return null;
  }
  let cost = 1;
  if (frame.kind === 'bitfield') cost += frame.bits.length >> 3;
  else if (frame.kind === 'have') cost += frame.pieces.length >> 3;
  return wire.frames.take(cost, now) ? null : violation('too-many-frames', 'more frames than anybody needs');
}

/** [UP1] Small answers pile up, too, where the peer asks on and never reads. */
function judgeReader({ wire }: Connection): Violation | null {
  return wire.unsent <= MAX_UNSENT_BYTES
    ? null
    : violation('too-many-requests', `${wire.unsent} bytes of answers were not read`);
}
