/**
 * [SA2] Saving through the service worker: a hidden frame opens the address whose response is the download (a link
 * with a `download` attribute would pass the service worker by in Chromium), and a pulse every ten seconds keeps the
 * service worker awake (Firefox stops an idle one after thirty, in the middle of a download).
 */
import { basePathOf } from '../worker/base-path.ts';
import { saveAddress } from '../worker/saving/save-messages.ts';
import type {
  SaveFailure,
  SaveNews,
  SaveOver,
  SavePulse,
  SaveQuestion,
  SaveReadiness,
  SaveTarget,
} from '../worker/saving/save-messages.ts';
import type { SaveEnd } from '../state/session.ts';
import { ask, within } from './service-worker.ts';

const PULSE_MS = 10_000;
const BEGIN_PATIENCE_MS = 15_000;
/** The frame stays this long after the end: taking it away at once would cancel a small download in some browsers. */
const FRAME_AFTERLIFE_MS = 30_000;

const FAILURES: Record<SaveFailure, string> = {
  gone: 'a part of it is no longer in this browser’s storage; open the link again to fetch what is missing',
  cancelled: 'the browser ended the download, as it does when it is cancelled there or the disk is full',
};
export const STOPPED: SaveEnd = { kind: 'failed', why: 'the browser stopped the download halfway' };

/** The saves that this page began, and hears of by itself. */
const begunHere = new Set<string>();

export function isBegunHere(id: string): boolean {
  return begunHere.has(id);
}

export type StreamedSave =
  | { kind: 'started' }
  /** Not this way: the service worker does not have it or does not answer. */
  | { kind: 'impossible' }
  | { kind: 'failed'; why: string };

export async function streamedSave(
  worker: ServiceWorker,
  target: SaveTarget,
  ended: (end: SaveEnd) => void,
): Promise<StreamedSave> {
  const readiness = await ask<SaveReadiness>(worker, { kind: 'prepare-save', target });
  if (readiness?.kind === 'incomplete') return { kind: 'failed', why: FAILURES.gone };
  if (readiness?.kind !== 'ready') return { kind: 'impossible' };

  const opened = await openedSave(worker, target);
  if (opened === null) return { kind: 'impossible' };
  void followed(worker, opened.id, opened.over.then(endOf), STOPPED).then((end) => {
    opened.leave();
    ended(end);
  });
  return { kind: 'started' };
}

export interface OpenedSave {
  readonly id: string;
  readonly over: Promise<SaveOver>;
  /** Nobody looks after it any more. */
  leave(): void;
}

/** Its download has begun; null: the service worker does not answer. */
export async function openedSave(
  worker: ServiceWorker,
  target: SaveTarget,
  asItComes = false,
): Promise<OpenedSave | null> {
  const id = crypto.randomUUID();
  begunHere.add(id);
  const news = watch(worker, { kind: 'watch-save', id, ...(asItComes ? { asItComes: target } : {}) });
  if ((await within(BEGIN_PATIENCE_MS, news.watching)) === null) {
    news.forget();
    return null;
  }
  const frame = hiddenFrame(saveAddress(basePathOf(location), target, id));
  if ((await within(BEGIN_PATIENCE_MS, news.begun)) === null) {
    news.forget();
    frame.remove();
    return null;
  }
  return { id, over: news.over, leave: () => void setTimeout(() => frame.remove(), FRAME_AFTERLIFE_MS) };
}

interface News {
  readonly watching: Promise<true>;
  readonly begun: Promise<true>;
  readonly over: Promise<SaveOver>;
  /** Nobody listens any more. */
  forget(): void;
}

function watch(worker: ServiceWorker, question: SaveQuestion & { kind: 'watch-save' }): News {
  const { port1, port2 } = new MessageChannel();
  /** What is read from the first news that it can be read from. */
  const heard = <T>(read: (news: SaveNews) => T | null): Promise<T> =>
    new Promise((resolve) => {
      port1.addEventListener('message', ({ data }: MessageEvent<SaveNews>) => {
        const found = read(data);
        if (found !== null) resolve(found);
      });
    });
  const news: News = {
    watching: heard(({ kind }) => (kind === 'watching' ? true : null)),
    begun: heard(({ kind }) => (kind === 'begun' ? true : null)),
    over: heard((said) => (said.kind === 'saved' || said.kind === 'failed' ? said : null)),
    forget: () => port1.close(),
  };
  void news.over.then(news.forget);
  port1.start();
  worker.postMessage(question, [port2]);
  return news;
}

export function endOf(end: SaveOver): SaveEnd {
  return end.kind === 'saved' ? end : { kind: 'failed', why: FAILURES[end.why] };
}

/** The end that the service worker tells of; `stopped` where it no longer knows of the save. */
export async function followed<End extends { kind: string }>(
  worker: ServiceWorker,
  id: string,
  end: Promise<End>,
  stopped: End,
): Promise<End> {
  for (;;) {
    const told = await within(PULSE_MS, end);
    if (told !== null) return told;
    const pulse = await ask<SavePulse>(worker, { kind: 'save-pulse', id });
    if (pulse?.kind !== 'unknown') continue;
    // The news of the end may have been on its way while we asked.
    return (await within(0, end)) ?? stopped;
  }
}

function hiddenFrame(address: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = '';
  frame.src = address;
  document.body.append(frame);
  return frame;
}
