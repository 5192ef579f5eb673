/** The pages of what there is: transfers, one in depth, Find, Activity and Settings. */
import { DAY_MS } from '../../../shared/peer/limits.ts';
import { entryOf as historyEntry, pieceOf } from '../../state/activity.fixture.ts';
import { ACTIVITY, FIND, SETTINGS, TRANSFERS, transferRoute } from '../../state/route.ts';
import type { LoggedEvent, SearchResult, Transfer } from '../../state/session.ts';
import { idOf, peersOf } from '../../state/transfer.fixture.ts';
import type { FakeWorker } from '../fake-worker.ts';
import { fillLibrary } from './sending.ts';
import {
  element,
  fileManifest,
  folderManifest,
  GB,
  listFiles,
  LONG_NAME,
  MARKUP_NAME,
  MB,
  NOW,
  ours,
  piecesAt,
  press,
  TURNED_NAME,
  type,
} from './stage.ts';
import type { Picture } from './stage.ts';

const deep = folderManifest(LONG_NAME, [
  ['beach.jpg', 4 * MB],
  [TURNED_NAME, 700 * MB],
  [MARKUP_NAME, 120],
]);
const inDepth: Partial<Transfer> = {
  ...{ phase: 'downloading', manifest: deep, receivedBytes: 300 * MB, storedBytes: 300 * MB, eta: 3_700 },
  ...{ pieces: piecesAt(0.43), down: 6.4 * MB, up: 1.1 * MB, uploadedBytes: 80 * MB, senders: 3 },
  peers: [
    ...peersOf(2, { down: 3 * MB, pieces: 600 }),
    ...peersOf(3, { path: 'lan', up: 1.1 * MB, pieces: 12 }).slice(2),
    ...peersOf(4, { path: 'relayed', extended: false }).slice(3),
  ],
};

const [peer] = peersOf(1);
const events: readonly LoggedEvent['event'][] = [
  { kind: 'phase', phase: 'downloading', trouble: null },
  ...(peer === undefined
    ? []
    : [
        { kind: 'peer-connected', peer: peer.id, path: 'direct' } as const,
        { kind: 'piece-refused', piece: 7, peers: [peer.id] } as const,
        { kind: 'peer-dropped', peer: peer.id, why: { kind: 'silent' } } as const,
      ]),
  { kind: 'file-unreadable', path: [LONG_NAME, MARKUP_NAME], files: 2 },
  { kind: 'tracker', online: false },
];

function tellMuch(worker: FakeWorker): void {
  worker.told = {
    events: events.map((event, nth) => ({ id: nth, at: NOW - nth * 4_000, event })).reverse(),
    speeds: Array.from({ length: 150 }, (_, nth) => ({
      at: NOW - (150 - nth) * 2_000,
      down: Math.round((3 + 2 * Math.sin(nth / 9)) * MB),
      up: Math.round((1 + Math.cos(nth / 5)) * MB),
    })),
  };
  worker.copies = Uint8Array.from(piecesAt(0.43), (_, piece) => piece % 5);
  listFiles(worker, deep, 0.4);
}

function moveMuch(worker: FakeWorker): void {
  fillLibrary(worker);
  worker.push(
    {
      infoHash: idOf('1'),
      role: 'sharing',
      phase: 'complete',
      manifest: fileManifest('Lofoten in winter.mp4', 24 * MB),
    },
    { ...inDepth, infoHash: idOf('2') },
    {
      infoHash: idOf('4'),
      phase: 'paused',
      manifest: fileManifest(MARKUP_NAME, 96 * MB),
      receivedBytes: 5 * MB,
    },
    { infoHash: idOf('e'), phase: 'looking' },
    {
      infoHash: idOf('f'),
      phase: 'failed',
      trouble: { kind: 'store', why: 'unavailable' },
      manifest: fileManifest(TURNED_NAME, GB),
    },
  );
}

const TRANSFER_PICTURES: readonly Picture[] = [
  { page: 'transfers', state: 'empty', address: TRANSFERS },
  { page: 'transfers', state: 'many', address: TRANSFERS, then: ({ worker }) => moveMuch(worker) },
  {
    page: 'transfers',
    state: 'filter without hit',
    address: TRANSFERS,
    then: async ({ worker, shown }) => {
      moveMuch(worker);
      await shown();
      type('input[type=search]', 'something that is nowhere');
    },
  },
  {
    page: 'transfer',
    state: 'in depth',
    address: transferRoute(ours),
    answers: tellMuch,
    then: ({ worker }) => worker.push(inDepth),
  },
  { page: 'transfer', state: 'looked for', address: transferRoute(ours) },
];

const NAMES = ['Lofoten in winter.mp4', LONG_NAME, MARKUP_NAME, 'notes.txt', 'notes.txt', TURNED_NAME];
const results: readonly SearchResult[] = NAMES.map((name, nth) => ({
  ...{ infoHash: idOf((nth + 1).toString(16)), name, size: 24 * MB * 7 ** nth, files: 1 + nth * 999 },
  ...{ complete: nth % 3, incomplete: nth * 4 },
}));

const FIND_PICTURES: readonly Picture[] = [
  { page: 'find', state: 'empty', address: FIND },
  {
    page: 'find',
    state: 'hits',
    address: FIND,
    answers: (worker) => (worker.found = { kind: 'found', total: 260, results }),
  },
  {
    page: 'find',
    state: 'nothing found',
    address: FIND,
    then: async ({ shown }) => {
      type('input[type=search]', 'w'.repeat(10_000));
      element(HTMLFormElement, 'form').requestSubmit();
      await shown();
    },
  },
  {
    page: 'find',
    state: 'directory off',
    address: FIND,
    answers: (worker) => (worker.found = { kind: 'not-searched', why: 'off' }),
  },
  {
    page: 'find',
    state: 'server away',
    address: FIND,
    answers: (worker) => (worker.found = { kind: 'not-searched', why: 'away' }),
  },
];

function doMuch(worker: FakeWorker): void {
  fillLibrary(worker);
  worker.history = NAMES.map((name, nth) =>
    historyEntry({
      ...{ id: 40 - nth, infoHash: idOf((nth + 1).toString(16)), name, totalBytes: 24 * MB * (nth + 1) },
      ...(nth === 1 ? { end: { kind: 'cancelled' } } : {}),
      ...(nth === 2 ? { end: { kind: 'failed', why: 'store' }, bytesPerSecond: null } : {}),
      ...(nth % 2 === 0 ? {} : { role: 'sharing', sentBytes: 90 * MB }),
      endedAt: NOW - nth * DAY_MS,
    }),
  );
  worker.logged = Array.from({ length: 30 }, (_, nth) => {
    const row = { id: 30 - nth, piece: nth * 31, at: NOW - nth * 900, name: NAMES[nth % NAMES.length] ?? '' };
    return pieceOf({ ...row, isRight: nth !== 3, direction: nth % 4 === 0 ? 'up' : 'down' });
  });
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const days = Array.from({ length: 30 }, (_, nth) => ({
    ...{
      day: today - (29 - nth) * DAY_MS,
      down: ((nth * 37) % 11) * 90 * MB,
      up: ((nth * 13) % 7) * 50 * MB,
    },
  }));
  worker.totals = { down: 41 * GB, up: 12 * GB, days };
}

const OTHER_PICTURES: readonly Picture[] = [
  { page: 'activity', state: 'empty', address: ACTIVITY },
  { page: 'activity', state: 'full', address: ACTIVITY, answers: doMuch },
  { page: 'settings', state: 'first visit', address: SETTINGS },
  { page: 'settings', state: 'with shares', address: SETTINGS, answers: fillLibrary },
  {
    page: 'settings',
    state: 'lending',
    address: SETTINGS,
    answers: (worker) => {
      worker.urlSources = true;
      worker.settings = { ...worker.settings, lend: true, lendHosts: ['files.example', 'mirror.example'] };
      worker.lent = { lends: true, jobs: [], todayBytes: 12 * GB, metered: true };
    },
  },
  {
    page: 'settings',
    state: 'with errors',
    address: SETTINGS,
    answers: (worker) => {
      fillLibrary(worker);
      worker.refuses = true;
      worker.forgets = 'not-forgotten';
      worker.settings = { ...worker.settings, notify: true, keepDays: 30, mostBytes: 20 * GB };
      worker.urlSources = false;
    },
    then: async ({ shown, transfers }) => {
      transfers.kept.remove(idOf('2'));
      press('Forget everything');
      await shown();
      press('Yes, forget everything');
    },
  },
];

export const LIST_PICTURES: readonly Picture[] = [...TRANSFER_PICTURES, ...FIND_PICTURES, ...OTHER_PICTURES];
