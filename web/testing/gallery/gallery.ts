/**
 * Every page in every state, without a peer: the real page with a worker that says what the state is about. A page of
 * its own, for the tests alone; nothing of it is in the product. `globalThis.gallery` shows one state after another.
 */
import { flushSync, mount, unmount } from 'svelte';
import App from '../../App.svelte';
import { Install } from '../../state/install.svelte.ts';
import { PageVersion } from '../../state/page-version.svelte.ts';
import { BrowserPlace } from '../../state/place.svelte.ts';
import { PageTheme } from '../../state/theme.ts';
import '../../styles/tokens.css';
import '../../styles/base.css';
import { FakeWorker } from '../fake-worker.ts';
import { LIST_PICTURES } from './lists.ts';
import { RECEIVE_PICTURES } from './receiving.ts';
import { SEND_PICTURES } from './sending.ts';
import type { Picture } from './stage.ts';

const PICTURES: readonly Picture[] = [...SEND_PICTURES, ...RECEIVE_PICTURES, ...LIST_PICTURES];

const app = document.querySelector('#app');
if (app === null) throw new Error('the page has no element #app');
const target = app;
let mounted: Record<string, unknown> | null = null;

/** Nothing ends by itself while it is looked at: neither the ten seconds to undo something, nor the time until the next look. */
const LONGEST_MS = 5_000;
const { setTimeout: after } = window;
window.setTimeout = ((run: TimerHandler, ms = 0, ...given: unknown[]) =>
  ms < LONGEST_MS ? after(run, ms, ...given) : 0) as typeof window.setTimeout;

/** What is loaded on use has come, and is laid out. */
async function shown(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    flushSync();
    await new Promise((painted) => requestAnimationFrame(() => after(painted)));
  }
  await document.fonts.ready;
}

async function show(page: string, state: string): Promise<void> {
  const picture = PICTURES.find((one) => one.page === page && one.state === state);
  if (picture === undefined) throw new Error(`there is no picture ${page} ${state}`);
  if (mounted !== null) await unmount(mounted);
  history.replaceState(null, '', picture.address);
  const worker = new FakeWorker();
  picture.answers?.(worker);
  const place = new BrowserPlace(window);
  const transfers = worker.transfers(worker.open, place);
  const version = new PageVersion(async () => picture.newer !== true);
  await version.look();
  mounted = mount(App, {
    target,
    props: {
      ...{ transfers, place, version, obstacle: picture.obstacle ?? null },
      storageOpens: Promise.resolve(picture.storage ?? true),
      install: new Install(new EventTarget(), null, ''),
      theme: new PageTheme(document.createElement('i'), null, ''),
      forgotten: () => undefined,
    },
  });
  await transfers.start();
  await shown();
  await picture.then?.({ worker, transfers, shown });
  await shown();
  window.scrollTo(0, 0);
}

const gallery = {
  states: PICTURES.map(({ page, state }) => ({ page, state })),
  show,
};
export type Gallery = typeof gallery;
Object.assign(globalThis, { gallery });
