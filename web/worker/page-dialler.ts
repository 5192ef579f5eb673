/**
 * Connections by way of the page ([PN1]): WebRTC lives there, so the worker numbers its attempts, the page makes them,
 * and an open one comes back as a MessagePort. Knows no peers and no signals' meaning.
 */
import type { LinkRole } from '../../shared/engine/io.ts';
import type { Attempt, AttemptListener, Dialler, LinkPath } from '../../shared/peer/ports.ts';
import type { AttemptsOnPage } from './contract.ts';
import { PortLink } from './port-link.ts';

export class PageDialler implements Dialler {
  readonly #page: AttemptsOnPage;
  readonly #relayOnly: () => Promise<boolean>;
  readonly #listeners = new Map<number, AttemptListener>();
  #attempts = 0;

  /** [LB14] `relayOnly`: whether connections go through a relay alone; none is begun before it says so. */
  constructor(page: AttemptsOnPage, relayOnly: () => Promise<boolean>) {
    this.#page = page;
    this.#relayOnly = relayOnly;
  }

  async begin(role: LinkRole, listener: AttemptListener): Promise<Attempt> {
    const relayOnly = await this.#relayOnly();
    const attempt = ++this.#attempts;
    this.#listeners.set(attempt, listener);
    this.#page.connect(attempt, role, relayOnly);
    return {
      signal: (signals) => this.#page.signal(attempt, signals),
      close: () => this.#page.disconnect(attempt),
    };
  }

  // What the page tells

  signalled(attempt: number, signals: readonly unknown[]): void {
    this.#listeners.get(attempt)?.signalled(signals);
  }

  opened(attempt: number, port: MessagePort, path: LinkPath): void {
    const listener = this.#listeners.get(attempt);
    const link = new PortLink(port, path);
    if (listener === undefined) link.close();
    else listener.opened(link);
  }

  interrupted(attempt: number): void {
    this.#listeners.get(attempt)?.interrupted();
  }

  ended(attempt: number): void {
    const listener = this.#listeners.get(attempt);
    this.#listeners.delete(attempt);
    listener?.ended();
  }
}
