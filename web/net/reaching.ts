/**
 * What the page loads when it needs it, from a server that may be away just then ([WK5]). Tries again when the
 * server answers; a browser may remember for good that a module did not come, so nothing is imported before that.
 * Knows nothing of what is loaded.
 */

/** The code did not come; it may come later. */
export class NotLoaded extends Error {}

export interface Server {
  /** Whether it answers anything. */
  answers(): Promise<boolean>;
  /** Resolves when it is time to ask again, after that many times without an answer. */
  nextTry(unanswered: number): Promise<void>;
}

/** A server that answers without giving the code, as after an update: more of it would not help. */
const MOST_REFUSALS = 3;
const ANSWER_PATIENCE_MS = 8_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 15_000;
/** A wait is shorter or longer by up to this share: pages that lost the server together do not come back together. */
const JITTER_SHARE = 1 / 4;

/** What `load` gives in the end; `away` is called when the server does not answer. Other failures are passed on. */
export async function whenReached<T>(load: () => Promise<T>, server: Server, away: () => void): Promise<T> {
  for (let refusals = 0; ;) {
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof NotLoaded) || refusals + 1 >= MOST_REFUSALS) throw error;
      refusals = (await untilAnswered(server, away)) ? refusals + 1 : 0;
    }
  }
}

/** True where it answered at once. */
async function untilAnswered(server: Server, away: () => void): Promise<boolean> {
  for (let unanswered = 0; ; unanswered++) {
    if (await server.answers()) return unanswered === 0;
    away();
    await server.nextTry(unanswered);
  }
}

/** The one that the page came from. */
export const ownServer: Server = {
  async answers() {
    try {
      const response = await fetch('config', {
        cache: 'no-store',
        signal: AbortSignal.timeout(ANSWER_PATIENCE_MS),
      });
      return response.status < 500; // a proxy answers 502 for a server that is away
    } catch {
      return false; // the question was whether it answers
    }
  },
  nextTry: (unanswered) =>
    new Promise((resolve) => {
      const due = (): void => {
        clearTimeout(timer);
        removeEventListener('online', due);
        resolve();
      };
      const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** unanswered);
      const timer = setTimeout(due, wait * (1 + (2 * Math.random() - 1) * JITTER_SHARE));
      addEventListener('online', due);
    }),
};
