/**
 * How a peer makes itself known on one socket to the tracker ([ID3]): it asks for the challenge, proves its id, and only
 * then is anything announced, so that nobody who came first is asked about it ([TR4]). A tracker that knows no proofs,
 * does not answer or refuses is announced to all the same. Owns whether announces may go. Knows no swarms.
 */
import type { PeerId } from '../ids.ts';
import { clientText } from '../tracker/messages.ts';
import type { ServerMessage } from '../tracker/messages.ts';
import type { Clock, Identity } from './ports.ts';
import { proofMessage } from './prove.ts';

/** ms for the challenge and the signature together. */
const INTRODUCED_WITHIN_MS = 5_000;

export interface IntroductionParts {
  readonly clock: Clock;
  readonly send: (text: string) => void;
  /** Told once for each socket and each identity. */
  readonly ready: () => void;
}

export class Introduction {
  readonly #parts: IntroductionParts;
  #identity: Identity;
  /** Of the socket that is open; null: not known yet. */
  #challenge: string | null = null;
  #state: 'closed' | 'under-way' | 'ready' = 'closed';
  /** Of what is under way, so that what comes of an earlier one changes nothing. */
  #turn = 0;
  #cancelTimeout: () => void = () => undefined;

  constructor(identity: Identity, parts: IntroductionParts) {
    this.#identity = identity;
    this.#parts = parts;
  }

  get own(): PeerId {
    return this.#identity.id;
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  opened(): void {
    this.#begin();
    this.#challenge = null;
    this.#parts.send(clientText({ type: 'challenge' }));
  }

  lost(): void {
    this.#turn++;
    this.#cancelTimeout();
    this.#state = 'closed';
    this.#challenge = null;
  }

  /** Under another name, on the same socket. */
  become(identity: Identity): void {
    this.#identity = identity;
    if (this.#state === 'closed') return;
    this.#begin();
    if (this.#challenge === null) this.#parts.send(clientText({ type: 'challenge' }));
    else void this.#prove(this.#challenge);
  }

  heard(message: ServerMessage): void {
    if (this.#state !== 'under-way') return;
    if (message.type === 'challenge' && this.#challenge === null) {
      this.#challenge = message.challenge;
      void this.#prove(message.challenge);
    }
    // Whatever is wrong: it is the first thing that was asked for, and the answer is none.
    if (message.type === 'error' && this.#challenge === null) this.#end();
  }

  #begin(): void {
    this.#turn++;
    this.#cancelTimeout();
    this.#state = 'under-way';
    this.#cancelTimeout = this.#parts.clock.after(INTRODUCED_WITHIN_MS, () => this.#end());
  }

  async #prove(challenge: string): Promise<void> {
    const turn = this.#turn;
    const message = await proofMessage(this.#identity, challenge).catch(() => null);
    if (turn !== this.#turn || this.#state !== 'under-way') return;
    // Handled in their order ([TR1]): what is announced now is announced by who proved it.
    if (message !== null) this.#parts.send(clientText(message));
    this.#end();
  }

  #end(): void {
    this.#cancelTimeout();
    this.#state = 'ready';
    this.#parts.ready();
  }
}
