/**
 * The tab that owns the peer ([TB1]): it has the worker, does what the other tabs ask and tells them what this page is
 * told. Files of one's own shares are handed on to all of them, so that each can go on with it.
 */
import type { OpenOwnSession, OwnSession, WorkerPage } from '../state/session.ts';
import { EVERY_TAB } from './messages.ts';
import type { HandedFiles, News, TabChannel, ToOwner } from './messages.ts';
import type { Ask } from './verbs.ts';
import { handedBy, performed, settledBy, whatWas } from './verbs.ts';

/** The tab, which is there before it owns the peer and after. */
export interface OwnerTab {
  readonly channel: TabChannel;
  /** For a tab that comes. */
  here(): { readonly news: readonly News[]; readonly files: readonly HandedFiles[] };
  took(news: News): void;
  handed(files: HandedFiles): void;
}

export class Owner {
  readonly #term = crypto.randomUUID();
  readonly #tab: OwnerTab;
  readonly #session: Promise<OwnSession>;
  #over = false;

  constructor(tab: OwnerTab, open: OpenOwnSession) {
    this.#tab = tab;
    this.#hereTo(EVERY_TAB);
    this.#session = open(this.#listener()).then((session) => {
      if (this.#over) session.end();
      else this.#tell(['began']);
      return session;
    });
    this.#session.catch((error: unknown) => this.#tell(['workerBroke', whatWas(error)]));
  }

  /** For this tab itself. Never settles where the peer is another's before it did. */
  async perform(ask: Ask): Promise<unknown> {
    const answer = await performed(await this.#session, ask);
    const files = handedBy(ask, answer);
    if (files !== null && !this.#over) {
      this.#tab.handed(files);
      this.#tab.channel.say({ kind: 'files', to: EVERY_TAB, term: this.#term, files });
    }
    return answer;
  }

  heard(message: ToOwner): void {
    const { from: to } = message;
    if (message.kind === 'hello') this.#hereTo(to);
    else if (message.kind === 'ping') this.#tab.channel.say({ kind: 'pong', to, term: this.#term });
    else void this.#answer(message);
  }

  end(): void {
    this.#over = true;
    this.#session.then(
      (session) => session.end(),
      () => undefined, // it never began
    );
  }

  async #answer({ from: to, number, verb, given }: ToOwner & { kind: 'ask' }): Promise<void> {
    const term = this.#term;
    const { channel } = this.#tab;
    const progress = (progress: unknown): void => {
      if (!this.#over) channel.say({ kind: 'progress', to, term, number, progress });
    };
    const settled = await settledBy(this.perform({ verb, given, progress }));
    if (!this.#over) channel.say({ kind: 'answer', to, term, number, settled });
  }

  #hereTo(to: string): void {
    this.#tab.channel.say({ kind: 'here', to, term: this.#term, ...this.#tab.here() });
  }

  #listener(): WorkerPage {
    return {
      snapshotsTaken: (snapshots) => this.#tell(['snapshotsTaken', snapshots]),
      manifestKnown: (infoHash, manifest) => this.#tell(['manifestKnown', infoHash, manifest]),
      removed: (infoHash) => this.#tell(['removed', infoHash]),
      becameShare: (file, share) => this.#tell(['becameShare', file, share]),
      fileChanged: (file, change) => this.#tell(['fileChanged', file, change]),
      keptInMemory: (why) => this.#tell(['keptInMemory', why]),
      workerBroke: (what) => this.#tell(['workerBroke', what]),
      serverAway: () => this.#tell(['serverAway']),
    };
  }

  #tell(news: News): void {
    if (this.#over) return;
    this.#tab.channel.say({ kind: 'news', to: EVERY_TAB, term: this.#term, news });
    this.#tab.took(news);
  }
}
