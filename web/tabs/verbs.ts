/** What a tab asks of the peer, whoever owns it: the verbs of a session, as values that can be sent. */
import type { ChosenFile } from '../worker/contract.ts';
import type { InfoHash, Session } from '../state/session.ts';
import type { HandedFiles, Settled, Verb } from './messages.ts';

/** A record, so that none can be forgotten. */
const VERBS: Readonly<Record<Verb, true>> = {
  share: true,
  sharedBefore: true,
  provide: true,
  handlesOf: true,
  reopen: true,
  settings: true,
  changeSettings: true,
  library: true,
  usage: true,
  availability: true,
  cancelShare: true,
  history: true,
  clearHistory: true,
  transferLog: true,
  totals: true,
  chronicle: true,
  disconnect: true,
  forgetEverything: true,
  allowWeb: true,
  fetchUrl: true,
  cancelFetch: true,
  lendersOf: true,
  lending: true,
  list: true,
  search: true,
  pin: true,
  choose: true,
  filesOf: true,
  foldersOf: true,
  fileProgress: true,
  saving: true,
  remove: true,
  join: true,
  open: true,
  openResource: true,
  resourceOf: true,
  download: true,
  pause: true,
  stop: true,
  savedByItself: true,
  saved: true,
  blobPlan: true,
  blobOf: true,
  fileBytes: true,
};

/** One ask, until it is answered; whoever owns the peer by then may be another. */
export interface Ask {
  readonly verb: Verb;
  readonly given: readonly unknown[];
  /** Is told what comes before the answer. */
  readonly progress: (progress: unknown) => void;
}

/** A session whose every verb is asked by `ask`. What is given as a function is told of progress, and stays here. */
export function sessionBy(ask: (what: Ask) => Promise<unknown>): Session {
  const asked = (verb: Verb) => {
    return (...args: unknown[]) => {
      const told = args.find((arg) => typeof arg === 'function') as Ask['progress'] | undefined;
      const given = args.filter((arg) => typeof arg !== 'function');
      return ask({ verb, given, progress: told ?? (() => undefined) });
    };
  };
  const verbs = Object.keys(VERBS) as Verb[];
  return Object.fromEntries(verbs.map((verb) => [verb, asked(verb)])) as unknown as Session;
}

/** What came of it, as it can be sent. */
export function settledBy(answer: Promise<unknown>): Promise<Settled> {
  return answer.then(
    (value) => ({ kind: 'answered', value }),
    (error: unknown) => ({ kind: 'threw', what: whatWas(error) }),
  );
}

export function whatWas(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function performed(session: Session, { verb, given, progress }: Ask): Promise<unknown> {
  const act = session[verb] as (...given: unknown[]) => Promise<unknown>;
  return act(...given, progress);
}

/** The files that a share of one's own has from now on, after what was answered; null: it says nothing of that. */
export function handedBy({ verb, given }: Ask, answer: unknown): HandedFiles | null {
  if (verb === 'provide') {
    const [infoHash, files] = given as [InfoHash, readonly ChosenFile[]];
    return (answer as { kind: string }).kind === 'provided' ? [infoHash, files] : null;
  }
  if (verb !== 'share' && verb !== 'sharedBefore') return null;
  const [{ files }] = given as [{ files: readonly ChosenFile[] }];
  if (verb === 'sharedBefore') return answer === null ? null : [answer as InfoHash, files];
  const outcome = answer as Awaited<ReturnType<Session['share']>>;
  return outcome.kind === 'shared' ? [outcome.infoHash, files] : null;
}
