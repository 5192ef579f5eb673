/** The pages of whoever sends: the first page, the making of a link, and a share. */
import { MAKING, shareRoute } from '../../state/route.ts';
import type { Transfer } from '../../state/session.ts';
import { idOf, peersOf } from '../../state/transfer.fixture.ts';
import type { FakeWorker } from '../fake-worker.ts';
import {
  BROKEN_NAME,
  element,
  entryOf,
  fileManifest,
  film,
  folderManifest,
  GB,
  listFiles,
  LONG_HOST,
  LONG_NAME,
  MARKUP_NAME,
  MB,
  namingWeb,
  NOW,
  ours,
  piecesAt,
  press,
  TURNED_NAME,
  type,
} from './stage.ts';
import type { Picture, Stage } from './stage.ts';

const folder = folderManifest('Lofoten', [
  ['day 1/beach.jpg', 4 * MB],
  [`day 1/${MARKUP_NAME}`, 120],
  [`day 2/${LONG_NAME}`, 700 * MB],
  [TURNED_NAME, 2 * MB],
]);

/** Several of them, in every role. */
export function fillLibrary(worker: FakeWorker): void {
  const names = [
    'Lofoten in winter.mp4',
    LONG_NAME,
    TURNED_NAME,
    MARKUP_NAME,
    BROKEN_NAME,
    'notes.txt',
    'notes.txt',
  ];
  worker.entries = names.map((name, nth) =>
    entryOf(idOf((nth + 1).toString(16)), name, {
      role: nth % 2 === 0 ? 'sharing' : 'receiving',
      intent: nth % 3 === 0 ? 'stopped' : 'downloading',
      totalBytes: 24 * MB * (nth + 1),
      addedAt: NOW - nth * 86_400_000,
      pinned: nth === 2,
    }),
  );
  const shares = worker.entries.map(({ infoHash, totalBytes }, nth) => ({
    infoHash,
    bytes: totalBytes,
    sharedBytes: nth === 1 ? 20 * MB : 0,
  }));
  worker.stored = { bytes: 672 * MB, shares };
}

function home(state: string, more: Partial<Picture> = {}): Picture {
  return { page: 'home', state, address: '#/', ...more };
}

const files = (name: string, count = 1) => ({
  kind: 'files' as const,
  files: Array.from({ length: count }, (_, nth) => ({
    file: new File(['12345'], count === 1 ? name : `${nth}`),
    path: count === 1 ? [name] : [name, `${nth}`],
    handle: undefined,
  })),
  folders: [],
});

async function makeSeveral({ worker, transfers, shown }: Stage): Promise<void> {
  void transfers.share(files(LONG_NAME));
  void transfers.share(files('Lofoten', 312));
  void transfers.share(files(TURNED_NAME));
  await shown();
  worker.progress(2);
}

/** [WS40] A web address in the box. */
function typedWeb(text: string, allowed = true): Partial<Picture> {
  return {
    answers: (worker) => void (worker.urlSources = allowed),
    then: () => type('#open-box', text),
  };
}

async function openWeb(
  { worker, transfers, shown }: Stage,
  text: string,
  outcome: FakeWorker['fetchOutcome'],
): Promise<void> {
  worker.fetchOutcome = outcome;
  type('#open-box', text);
  await shown();
  press('Open');
  await transfers.start();
  await shown();
}

const HOME_PICTURES: readonly Picture[] = [
  home('first visit'),
  home('with shares', { answers: fillLibrary }),
  home('wrong link', {
    then: () => {
      type('#open-box', 'https://shoal.example/#cut');
      press('Open');
    },
  }),
  home('web address', typedWeb(`https://${LONG_HOST}/pub/film.mp4`)),
  home('web address refused', typedWeb('http://files.example/pub/film.mp4')),
  home('web address not from here', typedWeb('https://files.example/pub/film.mp4', false)),
  home('web address does not come', {
    ...typedWeb(`https://${LONG_HOST}/pub/film.mp4`),
    then: async (stage) => {
      const refusal = { kind: 'refused', why: 'no-cors', status: null, retryMs: 0 } as const;
      await openWeb(stage, `https://${LONG_HOST}/pub/film.mp4`, { kind: 'not-there', refusal });
    },
  }),
  home('one stream', {
    ...typedWeb(''),
    then: async (stage) => {
      await openWeb(stage, `https://${LONG_HOST}/pub/film.mp4`, new Promise(() => undefined));
      stage.worker.streamed({ receivedBytes: 312 * MB, totalBytes: 900 * MB });
    },
  }),
  home('one stream of unknown length', {
    ...typedWeb(''),
    then: async (stage) => {
      await openWeb(stage, 'https://files.example/pub/film.mp4', new Promise(() => undefined));
      stage.worker.streamed({ receivedBytes: 312 * MB, totalBytes: null });
    },
  }),
  home('something removed', {
    answers: fillLibrary,
    then: ({ transfers }) => transfers.kept.remove(idOf('2')),
  }),
  home('several queued', {
    then: async (stage) => {
      await makeSeveral(stage);
      history.replaceState(null, '', '#/');
      window.dispatchEvent(new HashChangeEvent('hashchange'));
    },
  }),
  home('server away', { answers: fillLibrary, then: ({ worker }) => worker.page?.serverAway() }),
  home('storage off', { storage: false }),
  home('old browser', {
    obstacle: { kind: 'lacking', needs: ['language', 'crypto', 'worker', 'channels'] },
  }),
  home('without https', { obstacle: { kind: 'insecure' } }),
  home('details typed', {
    then: async ({ shown }) => {
      element(HTMLElement, '.details summary').click();
      await shown();
      await shown();
      const field = element(HTMLTextAreaElement, '#details-addresses');
      field.value = `https://mirror.example.org/film.mp4\n${LONG_NAME}`;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    },
  }),
  home('new version', { newer: true }),
  home('broken', { then: ({ worker }) => worker.page?.workerBroke('a fault of ours') }),
];

const MAKING_PICTURES: readonly Picture[] = [
  { page: 'making', state: 'several queued', address: MAKING, then: makeSeveral },
  {
    page: 'making',
    state: 'server away',
    address: MAKING,
    then: async (stage) => {
      await makeSeveral(stage);
      stage.worker.page?.serverAway();
    },
  },
  {
    page: 'making',
    state: 'unreadable',
    address: MAKING,
    then: ({ transfers }) => transfers.share({ kind: 'unreadable', name: LONG_NAME }),
  },
];

function share(state: string, told: Partial<Transfer>, more: Partial<Picture> = {}): Picture {
  const transfer: Partial<Transfer> = {
    ...{ role: 'sharing', phase: 'complete', manifest: film, totalBytes: film.totalBytes },
    ...{ receivedBytes: film.totalBytes, storedBytes: film.totalBytes, pieces: piecesAt(1) },
    ...told,
  };
  return {
    ...{ page: 'share', state, address: shareRoute(ours) },
    then: ({ worker }) => {
      listFiles(worker, transfer.manifest ?? film, 1);
      worker.push(transfer);
    },
    ...more,
  };
}

const takers = [
  ...peersOf(2, { up: 1.2 * MB, pieces: 210 }),
  ...peersOf(3, { pieces: 600, path: 'lan' }).slice(2),
  ...peersOf(4, { up: 60_000, pieces: 3, path: 'relayed', extended: false }).slice(3),
];

const SHARE_PICTURES: readonly Picture[] = [
  share('fresh', {}),
  share(
    'somebody downloading',
    { peers: takers, up: 2.5 * MB, uploadedBytes: 900 * MB },
    { answers: (worker) => (worker.copies = Uint8Array.from({ length: 600 }, (_, piece) => piece % 4)) },
  ),
  share('delivered', { delivered: 3, uploadedBytes: 4.2 * GB, online: { seeds: 3, leechers: 0 } }),
  share('files needed again', { filesMissing: 'not-kept' }),
  share('files changed', { filesMissing: 'changed', manifest: folder }),
  share('permission needed', { filesMissing: 'permission-needed', manifest: folder }),
  share('one file unreadable', {
    manifest: folder,
    unreadable: { files: 1, first: folder.files[2]?.path ?? [], why: 'vanished', neighbours: 1 },
  }),
  share('listed', { listed: 'listed' }),
  share('not listable', { listed: 'name-not-listable', manifest: fileManifest(TURNED_NAME, 2 * MB) }),
  share('stopped', { phase: 'stopped', manifest: fileManifest(LONG_NAME, 700 * MB) }),
  share('server away', { trackerOnline: false, online: null, manifest: fileManifest(MARKUP_NAME, MB) }),
  share('on the web', {
    manifest: namingWeb(film, ['mirror.example.org', LONG_HOST]),
    webSeeds: [{ host: LONG_HOST, state: 'not-allowed', trouble: null, down: 0, receivedBytes: 0 }],
  }),
  share('broken', { phase: 'failed', trouble: { kind: 'broken' } }),
];

export const SEND_PICTURES: readonly Picture[] = [...HOME_PICTURES, ...MAKING_PICTURES, ...SHARE_PICTURES];
