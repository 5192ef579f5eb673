/**
 * One WebRTC connection of Node, from the first signal to its end ([HL21] [PN1] [PN7]): says and hears what a page says and
 * hears, and becomes a link when its one channel is open. Knows no peers and no frames.
 */
import { GatheredSignals } from '../../shared/peer/gathered-signals.ts';
import { pathBetween } from '../../shared/peer/link-path.ts';
import type { LinkEndpoint } from '../../shared/peer/link-path.ts';
import type { MessageBudget } from '../../shared/peer/message-budget.ts';
import type { Attempt, AttemptListener, Clock, LinkEnd, LinkPath } from '../../shared/peer/ports.ts';
import { messageBytes } from '../../shared/peer/send-queue.ts';
import type { Signal } from '../../shared/peer/signals.ts';
import type { LinkRole } from '../../shared/engine/io.ts';
import type { NodeIceServer } from './ice-servers.ts';
import { RelayGate } from './relay-gate.ts';
import { RtcLink } from './rtc-link.ts';
import type { RtcChannel, RtcConnection, WebRtc } from './web-rtc.ts';

/** Bytes of a message that we take: as much as a browser does. */
const TAKEN_BYTES = 262_144;

export interface AttemptParts {
  readonly webRtc: WebRtc;
  readonly clock: Clock;
  readonly budget: MessageBudget;
  readonly iceServers: readonly NodeIceServer[];
  readonly relayOnly: boolean;
  /** It is over; nothing of the library belongs to it any more. */
  readonly closed: (attempt: RtcAttempt) => void;
}

export class RtcAttempt implements Attempt {
  readonly #parts: AttemptParts;
  readonly #listener: AttemptListener;
  readonly #connection: RtcConnection;
  readonly #said: GatheredSignals;
  /** Null: it may take any way. */
  readonly #gate: RelayGate | null;
  /** The other side's description was heard; candidates that came before it. */
  #isDescribed = false;
  readonly #early: Signal[] = [];
  #channel: RtcChannel | null = null;
  #link: RtcLink | null = null;
  #ended = false;

  /** Throws where the library gives no connection. */
  constructor(role: LinkRole, parts: AttemptParts, listener: AttemptListener) {
    this.#parts = parts;
    this.#listener = listener;
    const { clock, relayOnly, iceServers } = parts;
    this.#gate = relayOnly ? new RelayGate((signal) => this.#hear(signal)) : null;
    this.#said = new GatheredSignals(clock, (signals) => listener.signalled(signals));
    this.#connection = parts.webRtc.connect({
      iceServers: [...iceServers],
      iceTransportPolicy: relayOnly ? 'relay' : 'all',
      maxMessageSize: TAKEN_BYTES,
    });
    this.#connection.onLocalDescription((sdp, type) => this.#said.push({ type, sdp }));
    this.#connection.onLocalCandidate((line, mid) => {
      const candidate = line.replace(/^a=/, ''); // the library writes a line of a description, a page does not
      this.#gate?.found(candidate);
      this.#said.push({ type: 'candidate', candidate: { candidate, sdpMid: mid, sdpMLineIndex: 0 } });
    });
    this.#connection.onStateChange((state) => {
      if (state === 'failed' || state === 'closed') this.close();
    });
    this.#connection.onDataChannel((channel) => {
      // [PN7] The dialler opens the one channel; the other side opens no further one.
      const isTheOne = role === 'acceptor' && this.#channel === null && !this.#ended;
      if (isTheOne) return this.#use(channel);
      this.#hold(channel);
      channel.close();
      this.close();
    });
    if (role === 'dialler') this.#use(this.#connection.createDataChannel('shoal'));
  }

  signal(signals: readonly Signal[]): void {
    for (const signal of signals) {
      if (this.#gate === null) this.#hear(signal);
      else this.#gate.hear(signal);
    }
  }

  close(): void {
    this.#end('closed');
  }

  #hear(signal: Signal): void {
    if (this.#ended) return;
    try {
      if (signal.type !== 'candidate') this.#describe(signal);
      else if (!this.#isDescribed) this.#early.push(signal);
      else if (signal.candidate.candidate !== '')
        this.#connection.addRemoteCandidate(signal.candidate.candidate, signal.candidate.sdpMid ?? '0');
    } catch {
      this.close(); // a stranger's signal that the library refuses is the end of that stranger's connection alone
    }
  }

  /** The library's threads say candidates before the description now and then, and it takes none before that. */
  #describe({ type, sdp }: Exclude<Signal, { type: 'candidate' }>): void {
    this.#connection.setRemoteDescription(type === 'offer' ? withActiveOfferer(sdp) : sdp, type);
    this.#isDescribed = true;
    for (const early of this.#early.splice(0)) this.#hear(early);
  }

  #use(channel: RtcChannel): void {
    this.#channel = channel;
    channel.onMessage((message) => this.#came(message));
    this.#hold(channel);
    channel.onError(() => this.close());
    channel.onOpen(() => this.#opened(channel));
    if (channel.isOpen()) this.#opened(channel);
  }

  #hold(channel: RtcChannel): void {
    const letGo = this.#parts.webRtc.hold(channel);
    channel.onClosed(() => {
      letGo();
      this.close();
    });
  }

  #opened(channel: RtcChannel): void {
    if (this.#ended || this.#link !== null) return;
    const largest = messageBytes(channel.maxMessageSize());
    if (largest === null) return this.close();
    const { clock, budget } = this.#parts;
    this.#link = new RtcLink(channel, largest, this.#path(), {
      clock,
      budget,
      interrupted: () => this.#listener.interrupted(),
      roundTripMs: () => this.#connection.rtt(),
      over: () => this.close(),
    });
    this.#listener.opened(this.#link);
  }

  #path(): LinkPath {
    const pair = this.#connection.getSelectedCandidatePair();
    return pathBetween(endpointOf(pair?.local), endpointOf(pair?.remote));
  }

  #came(message: string | Buffer | ArrayBuffer): void {
    const bytes = typeof message === 'string' ? Buffer.from(message) : new Uint8Array(message);
    if (this.#link?.came(bytes) === false) this.#end('flooded');
  }

  /** Told behind what runs: who closes is in the middle of something. */
  #end(why: LinkEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#said.end();
    this.#channel?.close(); // without it one that never opened would never be said to be closed
    this.#connection.close();
    setImmediate(() => {
      this.#parts.closed(this);
      this.#link?.ended(why);
      this.#listener.ended();
    });
  }
}

/**
 * [HL21] The dialler opens the handshake of DTLS: the way to the acceptor is tried first, so it would open one before the
 * dialler can take it, and the library says it again only after a second.
 */
function withActiveOfferer(sdp: string): string {
  return sdp.replace('a=setup:actpass', 'a=setup:active');
}

function endpointOf(
  end: { readonly type: string; readonly address: string } | undefined,
): LinkEndpoint | null {
  return end === undefined ? null : { kind: end.type, address: end.address };
}
