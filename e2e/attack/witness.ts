/**
 * Somebody honest at another address while a server is attacked: a sharer and a receiver of one swarm, who announce
 * by turns, and what they feel of the attack.
 */
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { clientText } from '../../shared/tracker/messages.ts';
import type { ClientMessageDraft } from '../../shared/tracker/messages.ts';

/** A page announces every 30 s; so often a thousand of them do in the time of a window, within one socket's limit. */
const PAUSE_MS = 60;
/** An announce that is not answered by then counts as one that took so long, and the socket is opened anew. */
const PATIENCE_MS = 10_000;
const ADDRESS = '127.0.0.9';

type Id = Extract<ClientMessageDraft, { type: 'announce' }>['peerId'];
type Swarm = Extract<ClientMessageDraft, { type: 'announce' }>['swarm'];

export interface Felt {
  /** ms of all announces, ascending. */
  readonly announces: readonly number[];
  /** How many were not answered. */
  readonly lost: number;
  /** The last announce named the other one of the two. */
  readonly together: boolean;
}

export class Witness {
  readonly #port: number;
  readonly #swarm = randomId<Swarm>();
  readonly #ids = [randomId<Id>(), randomId<Id>()] as const;
  readonly #sockets: (WebSocket | null)[] = [null, null];
  readonly #took: number[] = [];
  #lost = 0;
  #together = false;
  #ending = false;
  #work: Promise<void> = Promise.resolve();

  constructor(port: number) {
    this.#port = port;
  }

  begin(): void {
    this.#work = this.#announceOn();
  }

  /** Ends with one more announce of both: is the swarm still whole? */
  async end(): Promise<Felt> {
    this.#ending = true;
    await this.#work;
    for (const who of [0, 1, 0] as const) await this.#announce(who);
    for (const socket of this.#sockets) socket?.terminate();
    const announces = [...this.#took].sort((one, other) => one - other);
    return { announces, lost: this.#lost, together: this.#together };
  }

  async #announceOn(): Promise<void> {
    for (let turn = 0; !this.#ending; turn++) {
      await this.#announce(turn % 2 === 0 ? 0 : 1);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async #announce(who: 0 | 1): Promise<void> {
    const at = performance.now();
    const socket = await this.#socketOf(who);
    const answer = socket === null ? null : await this.#ask(socket, who);
    this.#took.push(answer === null ? Math.max(PATIENCE_MS, performance.now() - at) : performance.now() - at);
    if (answer === null) {
      this.#lost++;
      socket?.terminate();
      this.#sockets[who] = null;
    }
    this.#together = answer?.includes(this.#ids[1 - who] ?? '') === true;
  }

  async #socketOf(who: 0 | 1): Promise<WebSocket | null> {
    const known = this.#sockets[who];
    if (known?.readyState === WebSocket.OPEN) return known;
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/tracker`, { localAddress: ADDRESS });
    socket.on('error', () => undefined);
    const opened = new Promise<boolean>((resolve) => {
      socket.once('open', () => resolve(true));
      socket.once('close', () => resolve(false));
    });
    const open = await within(opened, PATIENCE_MS);
    if (open !== true) socket.terminate();
    this.#sockets[who] = open === true ? socket : null;
    return this.#sockets[who] ?? null;
  }

  /** The text of the answer; null: none came. */
  #ask(socket: WebSocket, who: 0 | 1): Promise<string | null> {
    const answered = new Promise<string | null>((resolve) => {
      const done = (text: string | null): void => {
        socket.off('message', heard);
        socket.off('close', gone);
        resolve(text);
      };
      const heard = (data: Buffer): void => {
        const text = data.toString();
        if (text.startsWith('{"type":"peers"')) done(text);
      };
      const gone = (): void => done(null);
      socket.on('message', heard);
      socket.once('close', gone);
    });
    const [swarm, peerId] = [this.#swarm, this.#ids[who]];
    socket.send(
      clientText({ type: 'announce', swarm, peerId, event: 'update', left: who === 0 ? 0 : 1, want: 50 }),
    );
    return within(answered, PATIENCE_MS);
  }
}

export function randomId<Kind extends string>(): Kind {
  return randomBytes(32).toString('hex') as Kind;
}

/** Null when it takes longer. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  const first = await Promise.race([work, late]);
  clearTimeout(timer);
  return first;
}
