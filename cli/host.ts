/**
 * The composition root of a peer in Node ([HL20]): one process, one peer, with Node's ports and whatever disk it is given.
 * Knows no commands and no files.
 */
import { ServerConfig } from '../shared/peer/server-config.ts';
import { Peer } from '../shared/peer/peer.ts';
import type { Dialler, PeerPorts } from '../shared/peer/ports.ts';
import type { PeerListener } from '../shared/peer/verbs.ts';
import type { HostPolicy } from '../shared/url/literal-address.ts';
import { RtcDialler } from './net/rtc-dialler.ts';
import type { ServerAddress } from './net/server-address.ts';
import { NodeTrackerSocket } from './net/tracker-socket.ts';
import { loadWebRtc } from './net/web-rtc.ts';
import { publicAddresses } from './web/address-policy.ts';
import type { AddressPolicy } from './web/address-policy.ts';
import { NodeProbe } from './web/node-probe.ts';
import { NodeRanges } from './web/node-ranges.ts';
import { NodeStream } from './web/node-stream.ts';
import type { Ways } from './web/proxies.ts';
import { clock, digest, entropy, fraction, identify, noOtherTabs, wholeDigest } from './platform.ts';

/**
 * [HL64] Of served pieces in memory: one of the most common size (1 MB) for each of 20 peers. Less, and pieces would be read
 * and hashed again for nearly each of their blocks.
 */
const PIECE_CACHE_BYTES = 24 * 1_048_576;

/** What a peer keeps, and how it reads files. */
export type HostDisk = Pick<
  PeerPorts,
  'store' | 'library' | 'marks' | 'settings' | 'activity' | 'kept' | 'files'
>;

export interface HostOptions {
  readonly server: ServerAddress;
  /** Stays open when the host is closed: it is whose opened it. */
  readonly disk: HostDisk;
  readonly listener: PeerListener;
  /** [HL22] Through relays alone, whatever the settings say. */
  readonly relayOnly?: boolean;
  /** Other ports than Node's own, and those that Node has none of. */
  readonly ports?: Partial<PeerPorts>;
  /** [WS5] Which addresses a share may have this machine connect to. Left out: public ones. */
  readonly mayConnect?: AddressPolicy;
  /** From which servers on the web are connected to, where this machine has several addresses. Left out: as the system chooses. */
  readonly localAddress?: string;
  /** [WS10] Which hosts may be asked, by their names. Left out: public ones. */
  readonly mayAskHost?: HostPolicy;
  /** [WS13] Through which proxies web addresses are asked. Left out: through none. */
  readonly ways?: Ways;
  /** What brings the library for connections. */
  readonly webRtc?: typeof loadWebRtc;
}

export interface Host {
  readonly peer: Peer;
  /** Settles when what was running before has been opened again ([LB2]). */
  readonly restored: Promise<void>;
  /** [HL21] Why no browser can be reached, in a sentence; null: they can be. */
  readonly unreachable: string | null;
  /** Leaves all swarms, closes all connections, and lets the process end. */
  close(): Promise<void>;
}

export async function startHost(options: HostOptions): Promise<Host> {
  const { server, disk, listener } = options;
  const [outcome, identity] = await Promise.all([(options.webRtc ?? loadWebRtc)(), identify()]);
  const dialler =
    outcome.kind === 'missing'
      ? null
      : new RtcDialler({
          webRtc: outcome.webRtc,
          clock,
          ice: iceConfigOf(server),
          relayOnly: async () => options.relayOnly === true || (await peer.preferences.relayOnly()),
        });
  const mayConnect = options.mayConnect ?? publicAddresses;
  const webRanges = new NodeRanges(mayConnect, options.ways, options.localAddress);
  const urlProbe = new NodeProbe(mayConnect, options.ways);
  const urlStream = new NodeStream(mayConnect, options.ways, options.localAddress);
  const ports: PeerPorts = {
    webRanges,
    urlProbe,
    urlStream,
    ...(options.mayAskHost === undefined ? {} : { mayAskHost: options.mayAskHost }),
    clock,
    digest,
    wholeDigest,
    entropy,
    store: disk.store,
    library: disk.library,
    marks: disk.marks,
    settings: disk.settings,
    activity: disk.activity,
    kept: disk.kept,
    files: disk.files,
    dialler: dialler ?? NO_CONNECTIONS,
    identify,
    ownTabs: noOtherTabs,
    pieceCacheBytes: PIECE_CACHE_BYTES,
    tracker: (told) => new NodeTrackerSocket(server.tracker, told, fraction),
    ...options.ports,
  };
  const peer = new Peer(identity, ports, listener);
  return {
    peer,
    restored: peer.restore(),
    unreachable: outcome.kind === 'missing' ? outcome.sentence : null,
    async close() {
      try {
        await peer.close();
      } finally {
        dialler?.close();
        webRanges.close();
        urlProbe.close();
        urlStream.close();
      }
    },
  };
}

const NO_CONNECTIONS: Dialler = { begin: async () => null };

function iceConfigOf({ config }: ServerAddress): ServerConfig {
  return new ServerConfig(
    () => fetch(config, { signal: AbortSignal.timeout(ServerConfig.PATIENCE_MS), redirect: 'error' }),
    () => clock.now(),
  );
}
