/**
 * In the browser: WebTorrent as its authors bundle it, with its own ways of storing and asking, and no server but one
 * tracker. The package has no types; what is used of it is written down here.
 */
declare const TRACKER: string;

interface Torrent {
  readonly magnetURI: string;
  on(event: 'seed' | 'trackerAnnounce' | 'done', heard: () => void): void;
}

interface Client {
  /** `uploaded`: bytes of content. */
  readonly torrents: readonly { readonly uploaded: number }[];
  seed(file: File, options: object): Torrent;
  add(magnet: string, options: object): Torrent;
  on(event: 'error', heard: (error: Error) => void): void;
}

const BUNDLE = '/webtorrent.js';
const { default: WebTorrent } = (await import(/* @vite-ignore */ BUNDLE)) as {
  default: new (options: object) => Client;
};

const client = new WebTorrent({
  dht: false,
  lsd: false,
  natUpnp: false,
  natPmp: false,
  webSeeds: false,
  tracker: { rtcConfig: { iceServers: [] } },
});
const failed = new Promise<never>((_, fail) => client.on('error', fail));
const announce = [TRACKER];

const input = document.createElement('input');
input.type = 'file';
input.ariaLabel = 'File';
document.body.append(input);

/** The file that was chosen. Answers its magnet link once the package has its copy and the tracker knows of it. */
async function seed(): Promise<string> {
  const file = input.files?.[0];
  if (file === undefined) throw new Error('no file was chosen');
  const torrent = client.seed(file, { announce });
  const ready = (['seed', 'trackerAnnounce'] as const).map(
    (event) => new Promise<void>((heard) => torrent.on(event, heard)),
  );
  await Promise.race([failed, Promise.all(ready)]);
  return torrent.magnetURI;
}

/** Milliseconds until everything is here, verified and stored. */
async function fetchAll(magnet: string): Promise<number> {
  const added = performance.now();
  const torrent = client.add(magnet, { announce });
  await Promise.race([failed, new Promise<void>((here) => torrent.on('done', here))]);
  return performance.now() - added;
}

function uploaded(): number {
  return client.torrents.reduce((sum, torrent) => sum + torrent.uploaded, 0);
}

const verbs = { seed, fetchAll, uploaded };
export type WebTorrentPage = typeof verbs;
Object.assign(globalThis, { webTorrent: verbs });
