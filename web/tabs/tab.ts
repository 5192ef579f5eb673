/**
 * This tab among those of its browser, which are one peer together ([TB1]): it owns the peer, or asks the tab that does.
 * Owns every ask until it is answered, by whichever owner, and what goes over to a new one. Knows neither Comlink nor
 * storage.
 */
import type { OpenOwnSession, Session, SessionPage, TabPlace } from '../state/session.ts';
import { EVERY_TAB } from './messages.ts';
import type { FromOwner, HandedFiles, News, Settled, TabChannel, TabMessage } from './messages.ts';
import { Owner } from './owner.ts';
import type { OwnerLock } from './owner-lock.ts';
import { Standing } from './standing.ts';
import { sessionBy, settledBy } from './verbs.ts';
import type { Ask } from './verbs.ts';

/** [TB4] An owner is asked for a sign of life this often … */
export const PING_EVERY_MS = 1_000;
/** … and is none any more when so many were not answered. */
const MOST_UNANSWERED = 3;

interface Pending {
  readonly ask: Ask;
  settle(settled: Settled): void;
}

/** Who owns the peer, as far as this tab knows. */
type Peer = { kind: 'unknown' } | { kind: 'own'; owner: Owner } | { kind: 'remote'; term: string };

export class Tab {
  readonly session: Session = sessionBy((ask) => this.#ask(ask));
  readonly #id = crypto.randomUUID();
  readonly #page: SessionPage;
  readonly #openOwn: OpenOwnSession;
  readonly #channel: TabChannel;
  readonly #lock: OwnerLock | null;
  readonly #standing = new Standing();
  readonly #files = new Map<string, HandedFiles>();
  readonly #asks = new Map<number, Pending>();
  /** Of owners that were followed by others: what they still say holds no more. */
  readonly #pastTerms = new Set<string>();
  #peer: Peer = { kind: 'unknown' };
  #askCount = 0;
  #unanswered = 0;
  /** What the page knows of its place: it is looked at each second, and rarely another. */
  #told: TabPlace | null = null;

  /** `lock`: null where there are no other tabs, as far as anybody can say. */
  constructor(page: SessionPage, openOwn: OpenOwnSession, channel: TabChannel, lock: OwnerLock | null) {
    this.#page = page;
    this.#openOwn = openOwn;
    this.#channel = channel;
    this.#lock = lock;
  }

  gained(): void {
    this.#leaveTerm();
    const owner = new Owner(
      {
        channel: this.#channel,
        here: () => ({ news: this.#standing.news(), files: [...this.#files.values()] }),
        took: (news) => this.#took(news),
        handed: (files) => this.#handed(files),
      },
      this.#openOwn,
    );
    this.#peer = { kind: 'own', owner };
    this.#goOn(owner);
    this.#passAll();
    void this.count();
  }

  lost(): void {
    if (this.#peer.kind === 'own') this.#peer.owner.end();
    this.#peer = { kind: 'unknown' };
    this.greet();
    this.#lock?.wait();
    void this.count();
  }

  /** Asks who is there. */
  greet(): void {
    this.#unanswered = 0;
    this.#channel.say({ from: this.#id, kind: 'hello' });
  }

  /** Whatever shares our origin may speak on the channel. */
  heard(message: unknown): void {
    if (!isTabMessage(message)) return;
    if ('from' in message) {
      if (this.#peer.kind === 'own') this.#peer.owner.heard(message);
    } else if (message.to === this.#id || message.to === EVERY_TAB) {
      this.#heardOwner(message);
    }
  }

  /** [TB4] Whether the owner is alive; to be called every `PING_EVERY_MS` while a person looks at this tab. */
  watch(): void {
    void this.count();
    if (this.#peer.kind === 'own') return;
    if (this.#unanswered >= MOST_UNANSWERED) {
      this.#unanswered = 0;
      this.#lock?.steal();
      return;
    }
    this.#unanswered += 1;
    this.#channel.say({ from: this.#id, kind: 'ping' });
  }

  /** Nobody looks at this tab: who is silent now may be so because both are frozen. */
  unwatched(): void {
    this.#unanswered = 0;
  }

  async count(): Promise<void> {
    const tabs = (await this.#lock?.tabs().catch(() => 1)) ?? 1;
    const place = { owner: this.#peer.kind === 'own', alone: tabs <= 1 };
    if (place.owner === this.#told?.owner && place.alone === this.#told.alone) return;
    this.#told = place;
    this.#page.tabsKnown(place);
  }

  // Asking

  #ask(ask: Ask): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const number = ++this.#askCount;
      const settle = (settled: Settled): void => {
        this.#asks.delete(number);
        if (settled.kind === 'answered') resolve(settled.value);
        else reject(new Error(settled.what));
      };
      this.#asks.set(number, { ask, settle });
      this.#pass(number, ask);
    });
  }

  /** Each verb may be asked twice: whoever took it before may be gone without an answer. */
  #passAll(): void {
    for (const [number, { ask }] of this.#asks) this.#pass(number, ask);
  }

  #pass(number: number, ask: Ask): void {
    const { verb, given } = ask;
    if (this.#peer.kind === 'own') void this.#perform(this.#peer.owner, number, ask);
    if (this.#peer.kind === 'remote') this.#channel.say({ from: this.#id, kind: 'ask', number, verb, given });
  }

  async #perform(owner: Owner, number: number, ask: Ask): Promise<void> {
    const settled = await settledBy(owner.perform(ask));
    if (this.#isOwnedBy(owner)) this.#asks.get(number)?.settle(settled);
  }

  #isOwnedBy(owner: Owner): boolean {
    return this.#peer.kind === 'own' && this.#peer.owner === owner;
  }

  // Following an owner

  #heardOwner(message: FromOwner): void {
    const { term } = message;
    if (this.#peer.kind === 'own' || this.#pastTerms.has(term)) return;
    if (this.#peer.kind === 'remote' && this.#peer.term === term) this.#unanswered = 0;
    else if (message.kind !== 'here') return this.greet();
    switch (message.kind) {
      case 'here':
        return this.#follow(message);
      case 'pong':
        return;
      case 'news':
        return this.#took(message.news);
      case 'files':
        return this.#handed(message.files);
      case 'progress':
        return this.#asks.get(message.number)?.ask.progress(message.progress);
      case 'answer':
        return this.#asks.get(message.number)?.settle(message.settled);
    }
  }

  #follow({ term, news, files }: FromOwner & { kind: 'here' }): void {
    const isNew = this.#peer.kind !== 'remote' || this.#peer.term !== term;
    if (isNew) this.#leaveTerm();
    this.#peer = { kind: 'remote', term };
    this.#unanswered = 0;
    for (const handed of files) this.#handed(handed);
    for (const told of news) this.#took(told);
    if (isNew) this.#passAll();
    if (isNew) void this.count();
  }

  #leaveTerm(): void {
    if (this.#peer.kind === 'remote') this.#pastTerms.add(this.#peer.term);
  }

  // What goes over to a new owner

  /** [TB3] What was open is opened as it was left, one's own with the files that are here. */
  #goOn(owner: Owner): void {
    const ask = (verb: 'join' | 'provide', ...given: unknown[]): void => {
      // What cannot go on says so by its figures.
      owner.perform({ verb, given, progress: () => undefined }).catch(() => undefined);
    };
    for (const [infoHash, files] of this.#files.values()) {
      ask('provide', infoHash, files, this.#standing.isStopped(infoHash) ? 'stopped' : 'sharing');
    }
    for (const infoHash of this.#standing.shares) if (!this.#files.has(infoHash)) ask('join', infoHash);
  }

  #took(news: News): void {
    this.#standing.take(news);
    if (news[0] === 'removed') this.#files.delete(news[1]);
    const [told, ...what] = news;
    (this.#page[told] as (...what: unknown[]) => void)(...what);
  }

  #handed(files: HandedFiles): void {
    this.#files.set(files[0], files);
  }
}

/** By what tells them apart; what is inside is our own tabs' word. */
function isTabMessage(message: unknown): message is TabMessage {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return 'from' in message || ('to' in message && 'term' in message);
}
