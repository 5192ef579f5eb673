/**
 * WebRTC in Node: the only import of `node-datachannel`, an optional package that is loaded when a peer first needs
 * connections ([HL21]). Its threads run for all peers of this process together and end with the last of them. Knows no
 * peers and no signals.
 */
import type * as NodeDataChannel from 'node-datachannel';
import type { DataChannel, PeerConnection, RtcConfig } from 'node-datachannel';

export type { RtcConfig } from 'node-datachannel';

/** As much of the library's channel as is used. */
export type RtcChannel = Pick<
  DataChannel,
  | 'close'
  | 'isOpen'
  | 'bufferedAmount'
  | 'maxMessageSize'
  | 'sendMessageBinary'
  | 'setBufferedAmountLowThreshold'
  | 'onOpen'
  | 'onClosed'
  | 'onError'
  | 'onBufferedAmountLow'
  | 'onMessage'
>;

/** As much of the library's connection as is used. */
export type RtcConnection = Pick<
  PeerConnection,
  | 'close'
  | 'setRemoteDescription'
  | 'addRemoteCandidate'
  | 'onLocalDescription'
  | 'onLocalCandidate'
  | 'onStateChange'
  | 'getSelectedCandidatePair'
  | 'rtt'
> & {
  createDataChannel(label: string): RtcChannel;
  onDataChannel(told: (channel: RtcChannel) => void): void;
};

export interface WebRtc {
  /** Throws where the library refuses. */
  connect(config: RtcConfig): RtcConnection;
  /**
   * From its beginning until it says that it is closed, or the answer is called: the library goes on to count a channel
   * that the collection of garbage took before, and ends the whole process over it when its threads are to end.
   */
  hold(channel: RtcChannel): () => void;
  /** Once, when all connections are closed: the library's threads would keep the process alive. */
  release(): void;
}

export type WebRtcOutcome = { kind: 'loaded'; webRtc: WebRtc } | { kind: 'missing'; sentence: string };

/**
 * [HL23] Bytes that the library takes off our hands for each connection before they are acknowledged: what is in there
 * cannot be taken back and counts as sent. More would be faster over long distances, and further ahead of a slow line.
 */
const SEND_BUFFER_BYTES = 524_288;
/** What a sender may have on its way to us: 20 MB/s over 100 ms. */
const RECEIVE_BUFFER_BYTES = 2_097_152;

type Library = Pick<typeof NodeDataChannel, 'PeerConnection' | 'cleanup' | 'setSctpSettings'>;

let library: Library | null = null;
let users = 0;
const held = new Set<RtcChannel>();

export async function loadWebRtc(load: () => Promise<Library> = fromPackage): Promise<WebRtcOutcome> {
  try {
    library ??= await load();
  } catch (error) {
    return { kind: 'missing', sentence: missingSentence(error) };
  }
  return { kind: 'loaded', webRtc: use(library) };
}

async function fromPackage(): Promise<Library> {
  const loaded = await import('node-datachannel');
  loaded.setSctpSettings({ sendBufferSize: SEND_BUFFER_BYTES, recvBufferSize: RECEIVE_BUFFER_BYTES });
  return loaded;
}

function use({ PeerConnection, cleanup }: Library): WebRtc {
  let released = false;
  users += 1;
  return {
    connect: (config) => new PeerConnection('', config),
    hold(channel) {
      held.add(channel);
      return () => held.delete(channel);
    },
    release() {
      if (released) return;
      released = true;
      users -= 1;
      if (users > 0) return;
      cleanup();
      held.clear();
    },
  };
}

function missingSentence(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const isAbsent = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  const why = isAbsent
    ? 'The optional package node-datachannel is not installed'
    : 'The optional package node-datachannel cannot be loaded on this system';
  return `${why}, so browsers cannot be reached. Run "npm install --include=optional" in Shoal's folder; it has builds for Linux, macOS and Windows.`;
}
