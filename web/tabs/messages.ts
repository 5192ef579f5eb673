/**
 * Types only: what the tabs of one browser say to each other ([TB2]), on one channel that all of them hear. A term is
 * the time of one owner: what an older one still says is told from what the present one does.
 */
import type { ChosenFile } from '../worker/contract.ts';
import type { InfoHash, Session, SessionPage, WorkerPage } from '../state/session.ts';

export type Verb = keyof Session;

/** What the worker told, to be told to the page of another tab in the same words. */
export type News = {
  [Told in keyof Tellable]: readonly [told: Told, ...Parameters<Tellable[Told]>];
}[keyof Tellable];

/** Each tab finds out by itself which one it is. */
type Tellable = WorkerPage & Pick<SessionPage, 'began'>;

/** The files of one's own share: whoever has them can go on with it when the owner is gone. */
export type HandedFiles = readonly [infoHash: InfoHash, files: readonly ChosenFile[]];

/** Of an answer: what it is, or what was thrown. */
export type Settled = { kind: 'answered'; value: unknown } | { kind: 'threw'; what: string };

export type ToOwner = { readonly from: string } & (
  | { kind: 'hello' }
  | { kind: 'ping' }
  /** `number`: of this ask among those of its tab. What is reported on the way goes by `progress`. */
  | { kind: 'ask'; number: number; verb: Verb; given: readonly unknown[] }
);

/** `to`: one tab, or all of them. */
export type FromOwner = { readonly to: string; readonly term: string } &
  /** To whoever comes, and to all when an owner begins: everything that is so. */
  (
    | { kind: 'here'; news: readonly News[]; files: readonly HandedFiles[] }
    | { kind: 'pong' }
    | { kind: 'news'; news: News }
    | { kind: 'files'; files: HandedFiles }
    | { kind: 'progress'; number: number; progress: unknown }
    | { kind: 'answer'; number: number; settled: Settled }
  );

export const EVERY_TAB = 'every-tab';

export type TabMessage = ToOwner | FromOwner;

/** What is sent on the channel; nothing of what one says oneself is heard. */
export interface TabChannel {
  say(message: TabMessage): void;
}
