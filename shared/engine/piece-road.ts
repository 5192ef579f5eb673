/**
 * The road of a piece, as the driver tells of it: hashed, stored, found in our own store, or lost again ([PL2]–[PL5],
 * [UP3], [LB7], [UI17]). Says who has to go for what they sent, and what a person has to know; what the pieces do meanwhile is
 * content.ts's. Knows no frames, and of time only what it is told.
 */
import { assert, unreachable } from '../assert.ts';
import type { PeerId } from '../ids.ts';
import type { Connections } from './connection/connections.ts';
import { corruptSendersOf } from './content.ts';
import type { Content } from './content.ts';
import type { Intent } from './intent.ts';
import type { Input, Output } from './io.ts';
import type { WebSwarm } from './web/web-swarm.ts';

export type RoadInput = Input & {
  kind:
    | 'piece-hashed'
    | 'piece-stored'
    | 'store-failed'
    | 'room-made'
    | 'pieces-looked-up'
    | 'pieces-adopted'
    | 'adoption-refused'
    | 'pieces-lost'
    | 'block-unreadable';
};

type Lost = Pick<Input & { kind: 'pieces-lost' }, 'pieces' | 'pauses'>;

export interface PieceRoadOptions {
  /** Null: the manifest is not known yet. */
  readonly content: () => Content | null;
  readonly connections: Connections;
  readonly intent: Intent;
  /** [PL5] */
  readonly expel: (sender: PeerId, piece: number, now: number, out: Output[]) => void;
  /** A piece is here now, perhaps the last one. */
  readonly arrived: (now: number, out: Output[]) => void;
  /** The tracker is to be told soon: there may be more of it. */
  readonly lessToServe: () => void;
  /** [WS20] Null: hashes are known. */
  readonly web: WebSwarm | null;
  /** The shared files are gone: nobody is served any more. */
  readonly leave: (now: number, out: Output[]) => void;
}

export class PieceRoad {
  readonly #options: PieceRoadOptions;

  constructor(options: PieceRoadOptions) {
    this.#options = options;
  }

  handle(input: RoadInput, now: number, out: Output[]): void {
    const content = this.#options.content();
    if (input.kind === 'room-made') return content?.room.made();
    assert(content !== null, 'pieces are hashed, stored and served of a known manifest');
    switch (input.kind) {
      case 'piece-hashed':
        return this.#hashed(content, input, now, out);
      case 'piece-stored':
        content.stored(input.piece, now, out);
        this.#options.web?.stored(input.piece, now, out);
        return this.#options.arrived(now, out);
      case 'store-failed':
        return this.#notStored(content, input, now, out);
      case 'pieces-looked-up':
        return content.download.lookedUp(input.found, input.absent);
      case 'pieces-adopted':
        content.adopted(input, now, out);
        return this.#options.arrived(now, out);
      case 'adoption-refused':
        return content.noRoomToAdopt(input.asked, now, out);
      case 'pieces-lost':
        return this.#lost(content, input, now, out);
      case 'block-unreadable':
        return this.#unreadable(content, input, now, out);
      default:
        return unreachable(input);
    }
  }

  /** [PL2] [PL5] Who is known to have sent wrong bytes has to go; of several senders nobody is known yet. */
  #hashed(
    content: Content,
    { piece, sha256 }: RoadInput & { kind: 'piece-hashed' },
    now: number,
    out: Output[],
  ): void {
    const from = content.ledger.partsOf(piece);
    this.#options.web?.pieceWhole(content, piece, now);
    const result = content.hashed(piece, sha256, out);
    const isRight = result.kind === 'verified';
    out.push({ kind: 'report', event: { kind: 'piece-came', piece, isRight, from } });
    if (result.kind === 'corrupt')
      out.push({ kind: 'report', event: { kind: 'piece-refused', piece, peers: result.senders } });
    for (const peer of corruptSendersOf(result)) this.#options.expel(peer, piece, now, out);
    content.download.mayAskAll();
  }

  /** [PL4] [EN5] Nothing more is asked for until there is room or the person says so; what is stored stays and is served. */
  #notStored(
    content: Content,
    { piece, why }: RoadInput & { kind: 'store-failed' },
    now: number,
    out: Output[],
  ): void {
    if (why === 'quota') return content.noRoomFor(piece, now, out);
    content.notStored(piece);
    this.#options.intent.fail({ kind: 'store', why });
    content.download.cancelAll(out);
  }

  /** [UP3] Our copy of one piece is gone: fetch it anew. [UP7] A shared file is: the others go on, where there are any. */
  #unreadable(
    content: Content,
    input: RoadInput & { kind: 'block-unreadable' },
    now: number,
    out: Output[],
  ): void {
    const { connections, intent, leave, lessToServe } = this.#options;
    const slot = connections.get(input.link)?.slot;
    const { piece, offset, length, why, file = null } = input;
    if (slot !== undefined) content.upload.unreadable(slot, { piece, offset, length }, out);
    if (why === 'missing') return this.#lost(content, { pieces: [piece] }, now, out);
    const pieces = content.unreadable.lose(piece, file, why);
    if (content.unreadable.whole.length > 0) {
      // Others asked for a piece that is gone already.
      if (pieces.length === 0) return;
      content.filesLost(pieces, now, out);
      return lessToServe();
    }
    leave(now, out);
    intent.fail({ kind: 'source', why });
  }

  #lost(content: Content, { pieces, pauses = false }: Lost, now: number, out: Output[]): void {
    for (const piece of pieces) content.lost(piece, now, out);
    // [PK4] What is not wanted is not missed.
    if (!content.selection.complete) this.#options.intent.pieceLost(pauses);
    content.download.mayAskAll();
  }
}
