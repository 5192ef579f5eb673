/**
 * What the person asks of a share, as it comes: to download, to pause, to stop, in which order, which files, how fast
 * ([EN2], [PK2], [PK4], [RL2]). Gives it to the part that owns the matter, says where the share stands, and when what
 * was asked for is done. Owns what was asked before the manifest is known. Knows no frames and no time of its own.
 */
import { unreachable } from '../assert.ts';
import type { Announcer } from './connection/announcer.ts';
import type { Connections } from './connection/connections.ts';
import type { Content, SharedBuckets } from './content.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import type { Intent } from './intent.ts';
import type { Input, Output, PieceOrder, SharePhase } from './io.ts';

export type PersonInput = Input & {
  kind:
    | 'download-requested'
    | 'download-paused'
    | 'sharing-stopped'
    | 'sharing-resumed'
    | 'limits-changed'
    | 'order-changed'
    | 'files-chosen';
};

export interface PersonOptions {
  /** Null: the manifest is not known yet. */
  readonly content: () => Content | null;
  readonly connections: Connections;
  readonly announcer: Announcer;
  readonly intent: Intent;
  readonly limits: SharedBuckets;
  readonly files: ChosenFiles;
}

export class Person {
  readonly #options: PersonOptions;
  readonly #intent: Intent;
  readonly #connections: Connections;
  #order: PieceOrder = { kind: 'rarest' };
  #files: ChosenFiles;

  constructor(options: PersonOptions) {
    this.#options = options;
    this.#intent = options.intent;
    this.#connections = options.connections;
    this.#files = options.files;
  }

  /** [PK4] As they were chosen last, also for a manifest that is not here yet. */
  get files(): ChosenFiles {
    return this.#files;
  }

  get phase(): SharePhase {
    return this.#intent.phase(this.#connections.stopped, this.#content?.room.isFull ?? null);
  }

  /** All of the share is here. */
  get isSeed(): boolean {
    return this.#content?.ledger.complete === true;
  }

  /** Nothing that is wanted is missing: a seed, or a partial one ([PK5]). */
  get isServed(): boolean {
    return this.#content?.selection.complete === true;
  }

  /** Bytes of the share that are missing, wanted or not; null while that is not known ([AN2]). */
  get left(): number | null {
    return this.#content?.missingBytes ?? null;
  }

  handle(input: PersonInput, now: number, out: Output[]): void {
    switch (input.kind) {
      case 'download-requested':
        return this.#downloadRequested(now, out);
      case 'download-paused':
        return this.#pause(out);
      case 'sharing-stopped':
        this.#pause(out);
        return this.leaveSwarm(now, out);
      case 'sharing-resumed':
        return this.#sharingResumed(now, out);
      case 'limits-changed':
        return this.#limitsChanged(input, now);
      case 'order-changed':
        return this.#orderChanged(input.order, out);
      case 'files-chosen':
        return this.#filesChosen(input.files, now, out);
      default:
        return unreachable(input);
    }
  }

  /** The manifest became known: what was asked before holds for it. */
  contentKnown(content: Content, now: number, out: Output[]): void {
    content.download.requests.reorder(this.#order, out);
    this.#lookUp(out);
    this.announce('update', now, out);
    this.checkComplete(now, out);
  }

  /** Tells of what was asked for and is here, once. */
  checkComplete(now: number, out: Output[]): void {
    const reached = this.isServed ? this.#intent.everythingHere(this.isSeed) : null;
    if (reached === null) return;
    this.announce(reached === 'whole' ? 'completed' : 'update', now, out);
    if (reached !== 'again') out.push({ kind: 'report', event: { kind: 'completed' } });
  }

  announce(event: 'update' | 'completed', now: number, out: Output[]): void {
    this.#options.announcer.announce(event, now, this.left, this.#connections.members.wanted, out);
  }

  leaveSwarm(now: number, out: Output[]): void {
    this.#options.announcer.stop(now, this.left, out);
    this.#connections.stop(now, out);
  }

  /** [LB7] What is here already is not asked of anybody. With each intent anew: another share may have come since. */
  #lookUp(out: Output[]): void {
    if (this.phase === 'downloading') this.#content?.download.adoption.lookUp(out);
  }

  #downloadRequested(now: number, out: Output[]): void {
    this.#intent.download(now);
    if (this.#connections.stopped) this.#resume(now, out);
    this.#lookUp(out);
    this.checkComplete(now, out);
    this.#content?.wanted();
  }

  /** [UP7] Whoever asks for it again wants what could not be read to be tried again. */
  #sharingResumed(now: number, out: Output[]): void {
    const content = this.#content;
    if (content !== null && content.unreadable.snapshot() !== null) content.filesRestored(now, out);
    this.#resume(now, out);
  }

  #pause(out: Output[]): void {
    this.#intent.pause();
    this.#content?.download.cancelAll(out);
  }

  #resume(now: number, out: Output[]): void {
    this.#connections.resume();
    this.#intent.resume();
    this.#options.announcer.restart(now, this.left, this.#connections.members.wanted, out);
    this.#lookUp(out);
    this.#content?.download.mayAskAll();
  }

  /** [RL2] Holds from the next block on. */
  #limitsChanged(input: Input & { kind: 'limits-changed' }, now: number): void {
    const { limits } = this.#options;
    limits.up.setRate(input.up, now);
    limits.down.setRate(input.down, now);
    this.#connections.limitPeers(input, now);
    this.#content?.upload.limitsChanged();
    this.#content?.download.mayAskAll();
  }

  /** [PK2] Holds also for a manifest that is not here yet. */
  #orderChanged(order: PieceOrder, out: Output[]): void {
    this.#order = order;
    this.#content?.download.requests.reorder(order, out);
    this.#content?.download.mayAskAll();
  }

  /** [PK4] [PK5] */
  #filesChosen(files: ChosenFiles, now: number, out: Output[]): void {
    this.#files = files;
    const content = this.#content;
    if (content === null) return;
    content.choose(files, out);
    for (const connection of this.#connections) if (connection.wire.open) content.refuseAnew(connection, out);
    const { stopped } = this.#connections;
    if (!this.isServed) this.#intent.wantsMore(stopped, now);
    else if (!stopped) this.#intent.wantsNoMore();
    this.#lookUp(out);
    this.checkComplete(now, out);
    // Who wanted nothing more has let seeds be.
    this.#connections.dial(this.isServed, now, out);
  }

  get #content(): Content | null {
    return this.#options.content();
  }
}
