/** The pages of whoever receives: a share that comes in, a link that leads nowhere, and what another app handed over. */
import { receiveRoute, transferRoute } from '../../state/route.ts';
import type { Transfer } from '../../state/session.ts';
import { peersOf } from '../../state/transfer.fixture.ts';
import {
  BROKEN_NAME,
  film,
  folderManifest,
  listFiles,
  LONG_HOST,
  LONG_NAME,
  MARKUP_NAME,
  MB,
  namingWeb,
  ours,
  piecesAt,
  press,
  TURNED_NAME,
} from './stage.ts';
import type { Picture, Stage } from './stage.ts';

type Manifest = NonNullable<Transfer['manifest']>;

const folder = folderManifest('Lofoten', [
  ['day 1/beach.jpg', 4 * MB],
  ['day 1/boats.jpg', 5 * MB],
  ['day 2/aurora.mov', 700 * MB],
  ['read me.txt', 800],
]);
const hostile: Manifest = {
  ...folderManifest(LONG_NAME, [
    [TURNED_NAME, 2 * MB],
    [MARKUP_NAME, 120],
    [BROKEN_NAME, 10],
    [`${LONG_NAME.slice(0, 120)}/${LONG_NAME}`, 40 * MB],
    ['\u200b\u200b', 1],
    [Array.from({ length: 29 }, (_, depth) => `level ${depth + 1}`).join('/'), 5],
  ]),
  comment: `${MARKUP_NAME}\nA note of several lines,\n${'with-a-word-that-does-not-end-'.repeat(20)}`,
};
const many: Manifest = folderManifest(
  'Ten thousand files',
  Array.from(
    { length: 10_000 },
    (_, nth) => [`part ${Math.floor(nth / 500)}/${nth}.jpg`, 20_000 + nth] as const,
  ),
);

function receive(state: string, told: Partial<Transfer>, more: Partial<Picture> = {}): Picture {
  return {
    ...{ page: 'receive', state, address: receiveRoute(ours) },
    then: (stage) => tell(stage, told),
    ...more,
  };
}

function tell({ worker }: Stage, told: Partial<Transfer>): void {
  const manifest = told.manifest ?? null;
  if (manifest === null) return worker.push(told);
  listFiles(worker, manifest, told.phase === 'complete' ? 1 : 0.4);
  // As much as the page is told of it.
  worker.push({ ...told, manifest: { ...manifest, files: manifest.files.slice(0, 200) } });
}

/** A part of it is here. */
function at(part: number, manifest: Manifest = film): Partial<Transfer> {
  const bytes = Math.round(manifest.totalBytes * part);
  return { manifest, receivedBytes: bytes, storedBytes: bytes, pieces: piecesAt(part) };
}

const done: Partial<Transfer> = { ...at(1), phase: 'complete', savable: true };
const comes: Partial<Transfer> = {
  ...{ phase: 'downloading', down: 6.4 * MB, up: 1.1 * MB, eta: 130, uploadedBytes: 80 * MB, senders: 3 },
  ...{ peers: peersOf(3, { down: 2.1 * MB, pieces: 400 }), online: { seeds: 2, leechers: 4 } },
};
const offered = (...hosts: string[]): Partial<Transfer> => ({
  manifest: namingWeb(film, hosts),
  webSeeds: hosts.map((host) => ({
    ...{ host, state: 'not-allowed', trouble: null, down: 0, receivedBytes: 0 },
  })),
});
const MIRRORS = ['mirror.example.org', 'b.example', 'c.example:8443', 'd.example', LONG_HOST];
/** One that sends, and what else can become of them. */
const asked: Transfer['webSeeds'] = [
  { host: 'mirror.example.org', state: 'asked', trouble: null, down: 4 * MB, receivedBytes: 310 * MB },
  { host: 'b.example', state: 'waiting', trouble: 'unreachable', down: 0, receivedBytes: 0 },
  { host: 'c.example:8443', state: 'gone', trouble: 'refused', down: 0, receivedBytes: 2 * MB },
  { host: LONG_HOST, state: 'gone', trouble: 'other-content', down: 0, receivedBytes: 0 },
];
const mayAsk = { answers: (worker: Stage['worker']): void => void (worker.urlSources = true) };
const mayNot = { answers: (worker: Stage['worker']): void => void (worker.urlSources = false) };
const nobody = { peers: [], online: { seeds: 0, leechers: 0 } } as const;
const AWAY = { trackerOnline: false, online: null } as const;

const FETCHING: readonly Picture[] = [
  receive('getting ready', {}, { then: () => undefined }),
  receive('looking', { phase: 'looking', online: { seeds: 1, leechers: 0 } }),
  receive('nobody there', { phase: 'looking', ...nobody }),
  receive('server away', { phase: 'looking', ...AWAY }),
  receive('list refused', { phase: 'looking', manifestRefused: true }),
  receive('ready', { ...at(0), phase: 'ready', senders: 3, online: { seeds: 3, leechers: 1 } }),
  receive('downloading', { ...at(0.43), ...comes }),
  receive('relayed', { ...at(0.43), ...comes, peers: peersOf(2, { down: MB, path: 'relayed' }) }),
  receive('paused', { ...at(0.43), phase: 'paused' }),
  receive('stalled', {
    ...at(0.43),
    ...comes,
    peers: peersOf(1, { pieces: 400 }),
    stalled: true,
    down: 0,
    eta: null,
  }),
  receive('sender offline', { ...at(0.43), phase: 'downloading', ...nobody }),
  receive('server away meanwhile', { ...at(0.43), phase: 'downloading', ...AWAY }),
  receive('one file gone', {
    ...at(0.9, folder),
    ...{ phase: 'downloading', peers: peersOf(2, { pieces: 500 }), online: { seeds: 0, leechers: 2 } },
    ...{ stalled: true, lacking: { files: 1, first: folder.files[2]?.path ?? [] } },
  }),
  receive('disk full', { ...at(0.43), ...comes, phase: 'full', down: 0 }),
  receive('storage refused', {
    ...at(0.43),
    phase: 'failed',
    trouble: { kind: 'store', why: 'unavailable' },
  }),
  receive(
    'cancelled',
    { ...at(0.43), ...comes },
    {
      then: async (stage) => {
        tell(stage, { ...at(0.43), ...comes });
        await stage.shown();
        press('Cancel');
      },
    },
  ),
];

const ARRIVED: readonly Picture[] = [
  receive('complete', { ...done, ...at(1, folder) }),
  receive(
    'saved',
    { ...done, saved: true },
    {
      answers: (worker) => {
        worker.settings = { ...worker.settings, keepSharing: true };
        const renamed = [
          { from: ['CON.txt'], to: ['_CON.txt'] },
          { from: [TURNED_NAME], to: ['holidaygpj.exe'] },
        ];
        worker.plan = { file: 'zip', name: 'Lofoten.zip', entries: [], renamed };
      },
    },
  ),
  receive('keep sharing', { ...done, saved: true }),
  receive('not saved', done, {
    then: async (stage) => {
      stage.worker.saveOutcome = { kind: 'failed', why: 'the disk is full' };
      tell(stage, done);
      await stage.transfers.save(ours);
    },
  }),
  receive('stopped', { ...done, phase: 'stopped', saved: true }),
  receive('in memory alone', done, {
    then: (stage) => {
      tell(stage, done);
      stage.worker.page?.keptInMemory('older');
    },
  }),
];

const chosen = { files: 2, bytes: 9 * MB, storedBytes: 0, pieces: 40, onlyFile: null } as const;

const SEVERAL: readonly Picture[] = [
  receive('several files', { ...at(0, folder), phase: 'ready', senders: 1 }),
  receive(
    'some files chosen',
    {},
    {
      then: (stage) => {
        tell(stage, { ...at(0, folder), phase: 'ready', senders: 2, wanted: chosen });
        stage.worker.rows = stage.worker.rows?.map((row, nth) => ({ ...row, wanted: nth < 2 })) ?? null;
      },
    },
  ),
  receive('ten thousand files', { ...at(0.2, many), ...comes }),
  receive(
    'hostile names',
    { ...at(0.43, hostile), ...comes },
    {
      then: async (stage) => {
        tell(stage, { ...at(0.43, hostile), ...comes });
        await stage.shown();
        document.querySelectorAll<HTMLElement>('summary').forEach((summary) => summary.click());
      },
    },
  ),
];

const ON_THE_WEB: readonly Picture[] = [
  receive(
    'on the web',
    {
      ...at(0.43),
      phase: 'downloading',
      online: { seeds: 0, leechers: 0 },
      ...offered('mirror.example.org'),
    },
    mayAsk,
  ),
  receive('on the web at many', { ...at(0.43), ...comes, ...offered(...MIRRORS) }, mayAsk),
  receive('on the web at a long host', { ...at(0), phase: 'ready', ...offered(LONG_HOST) }, mayAsk),
  receive('on the web by leave', { ...at(0.43), ...comes, ...offered(...MIRRORS), webSeeds: asked }, mayAsk),
  receive('on the web, not from here', { ...at(0.43), ...comes, ...offered(...MIRRORS) }, mayNot),
  {
    ...receive('', {
      ...at(0.43),
      ...comes,
      ...offered(...MIRRORS),
      ...{ webSeeds: asked, receivedFrom: { people: 220 * MB, web: 312 * MB } },
    }),
    ...{ page: 'transfer', state: 'from the web, too', address: transferRoute(ours) },
  },
];

/** Its one source, where something is in the way. */
const busy: Transfer['webSeeds'] = [
  { host: LONG_HOST, state: 'waiting', trouble: 'busy', down: 0, receivedBytes: 310 * MB },
];
const unhashed: Partial<Transfer> = {
  ...at(0.43),
  ...comes,
  ...offered(LONG_HOST),
  ...{
    webSeeds: busy,
    web: { right: 87, pending: 3, unseen: 2, liars: 1, fromLenders: 0, refused: false, sha256: null },
  },
  ...{ receivedFrom: { people: 220 * MB, web: 312 * MB } },
};
const begunAnew: Partial<Transfer> = {
  ...{ ...unhashed, ...at(0), ...offered('files.example') },
  web: { right: 0, pending: 0, unseen: 0, liars: 0, fromLenders: 0, refused: false, sha256: null },
  receivedFrom: { people: 0, web: 0 },
};
const lent = (worker: Stage['worker']): void =>
  void (worker.lenders = { taken: 3, refused: { full: 1 }, online: 9 });

/** [WS42] */
const WITHOUT_HASHES: readonly Picture[] = [
  receive('from a web address', unhashed, { answers: lent }),
  receive(
    'from a web address, changed',
    {},
    {
      then: (stage) => {
        tell(stage, begunAnew);
        stage.worker.page?.fileChanged(ours, 'begins');
      },
    },
  ),
  receive('from a web address, all here', {
    ...{ ...unhashed, ...at(1), phase: 'complete', senders: 3 },
    ...offered(LONG_HOST),
  }),
  receive('made of a web address', done, {
    then: (stage) => {
      tell(stage, { ...unhashed, ...done, ...offered(LONG_HOST) });
      stage.transfers.fetched.became(ours, stage.transfers.of(ours));
      tell(stage, { ...done, web: null });
    },
  }),
  {
    ...receive('', unhashed, { answers: lent }),
    ...{ page: 'transfer', state: 'from a web address', address: transferRoute(ours) },
  },
];

const NOWHERE: readonly Picture[] = [
  { page: 'receive', state: 'damaged link', address: '#cut' },
  { page: 'receive', state: 'bittorrent', address: '#/open/magnet%3A%3Fxt%3Durn%3Abtih%3A0123' },
  {
    ...{ page: 'receive', state: 'web address of the system', ...mayAsk },
    address: `#/open/${encodeURIComponent('https://files.example/pub/film.mp4')}`,
  },
  { page: 'receive', state: 'nothing handed over', address: '#/received' },
];

export const RECEIVE_PICTURES: readonly Picture[] = [
  ...FETCHING,
  ...ARRIVED,
  ...SEVERAL,
  ...ON_THE_WEB,
  ...WITHOUT_HASHES,
  ...NOWHERE,
];
