/**
 * The page's half of connections ([PN1]): the worker numbers its attempts and says what to do with them, the page makes
 * the WebRTC connections, and an open one goes to the worker as a MessagePort. Knows no peers, no swarms and no frames.
 */
import type { LinkRole } from '../../shared/engine/io.ts';
import { HeardSignals } from '../../shared/peer/attempt-signals.ts';
import { MAX_CONNECTIONS } from '../../shared/peer/limits.ts';
import type { LinkPath } from '../../shared/peer/ports.ts';
import type { Signal } from '../../shared/peer/signals.ts';
import type { AttemptsOnPage } from '../worker/contract.ts';

export interface LinksWorker {
  attemptSignalled(attempt: number, signals: readonly unknown[]): void;
  attemptOpened(attempt: number, port: MessagePort, path: LinkPath): void;
  attemptInterrupted(attempt: number): void;
  attemptEnded(attempt: number): void;
}

/** One connection, under way or open. */
export interface PageLink {
  signal(signal: Signal): void;
  close(): void;
}

export interface PageLinkListener {
  /** What this side has to say to the other, to be carried there in order. */
  signals(signals: readonly unknown[]): void;
  opened(port: MessagePort, path: LinkPath): void;
  /** It is open, and nothing has come through it for seconds. */
  interrupted(): void;
  /** Told once, however it ends. */
  ended(): void;
}

/** Null where the browser gives no more connections. */
export type MakeLink = (
  role: LinkRole,
  listener: PageLinkListener,
  relayOnly: boolean,
) => Promise<PageLink | null>;

interface Entry {
  link: PageLink | null;
  /** [PN7] What a browser is given is bounded where it is given, too. */
  readonly heard: HeardSignals;
  /** Signals that came while the connection was being made. */
  readonly early: Signal[];
}

export class PageLinks implements AttemptsOnPage {
  readonly #worker: LinksWorker;
  readonly #make: MakeLink;
  readonly #entries = new Map<number, Entry>();

  constructor(worker: LinksWorker, make: MakeLink) {
    this.#worker = worker;
    this.#make = make;
  }

  connect(attempt: number, role: LinkRole, relayOnly: boolean): void {
    if (this.#entries.size >= MAX_CONNECTIONS) return this.#worker.attemptEnded(attempt);
    const heard = new HeardSignals(role === 'dialler' ? 'answer' : 'offer');
    this.#entries.set(attempt, { link: null, heard, early: [] });
    void this.#begin(attempt, role, relayOnly);
  }

  signal(attempt: number, signals: readonly Signal[]): void {
    const entry = this.#entries.get(attempt);
    if (entry === undefined) return;
    const admitted = entry.heard.admit(signals);
    if (admitted === null) return this.disconnect(attempt);
    if (entry.link === null) entry.early.push(...admitted);
    else for (const signal of admitted) entry.link.signal(signal);
  }

  disconnect(attempt: number): void {
    const entry = this.#entries.get(attempt);
    if (entry === undefined) return;
    if (entry.link === null) this.#ended(attempt);
    else entry.link.close();
  }

  /** The page goes: others hear it at once and need not wait for a silence. What is being made ends, too. */
  closeAll(): void {
    for (const attempt of [...this.#entries.keys()]) this.disconnect(attempt);
  }

  async #begin(attempt: number, role: LinkRole, relayOnly: boolean): Promise<void> {
    const listener: PageLinkListener = {
      signals: (signals) => this.#worker.attemptSignalled(attempt, signals),
      opened: (port, path) => this.#worker.attemptOpened(attempt, port, path),
      interrupted: () => this.#worker.attemptInterrupted(attempt),
      ended: () => this.#ended(attempt),
    };
    const link = await this.#make(role, listener, relayOnly);
    const entry = this.#entries.get(attempt);
    if (entry === undefined) return link?.close();
    if (link === null) return this.#ended(attempt);
    entry.link = link;
    for (const signal of entry.early.splice(0)) link.signal(signal);
  }

  #ended(attempt: number): void {
    if (this.#entries.delete(attempt)) this.#worker.attemptEnded(attempt);
  }
}
