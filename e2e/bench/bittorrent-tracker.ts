/**
 * The npm package `bittorrent-tracker` with its WebSocket door alone, in this process: what introduces WebTorrent's
 * pages to each other. The package has no types; what is used of it is written down here.
 */
interface BittorrentServer {
  readonly http: { address(): { port: number } | null };
  on(event: 'warning' | 'error', heard: (error: Error) => void): void;
  listen(port: number, host: string, listening: () => void): void;
  close(closed: () => void): void;
}

export interface BittorrentTracker {
  readonly port: number;
  close(): Promise<void>;
}

export async function startBittorrentTracker(host: string): Promise<BittorrentTracker> {
  const name = 'bittorrent-tracker/server';
  const { default: Server } = (await import(name)) as { default: new (options: object) => BittorrentServer };
  const server = new Server({ udp: false, http: false, stats: false, ws: { perMessageDeflate: false } });
  // A page that leaves breaks its socket, and a warning that nobody hears would end the process.
  server.on('warning', () => undefined);
  await new Promise<void>((listening, failed) => {
    server.on('error', failed);
    server.listen(0, host, listening);
  });
  const port = server.http.address()?.port;
  if (port === undefined) throw new Error('the tracker does not listen');
  return { port, close: () => new Promise((closed) => server.close(closed)) };
}
