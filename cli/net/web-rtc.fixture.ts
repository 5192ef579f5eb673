/**
 * For tests: what stands in for `node-datachannel`. Those whose signals are carried to each other meet; from then on what
 * one sends comes to the other. Like the library it tells everything a turn later, and of its own end, too.
 */
import type { RtcChannel, RtcConfig, RtcConnection, WebRtc } from './web-rtc.ts';

type Message = string | Buffer | ArrayBuffer;
type Pair = ReturnType<RtcConnection['getSelectedCandidatePair']>;

const soon = (run: () => void): void => void setImmediate(run);

export class FakeChannel implements RtcChannel {
  /** Bytes that the other side takes as one message. */
  taken = 262_144;
  /** Nothing leaves while it is. */
  stuck = false;
  readonly messages: Uint8Array[] = [];
  other: FakeChannel | null = null;
  #open = false;
  #over = false;
  #waiting: Uint8Array[] = [];
  #mark = 0;
  #opened = (): void => undefined;
  #closed = (): void => undefined;
  #low = (): void => undefined;
  #came: (message: Message) => void = () => undefined;

  isOpen = (): boolean => this.#open;
  bufferedAmount = (): number => this.#waiting.reduce((sum, { length }) => sum + length, 0);
  maxMessageSize = (): number => this.taken;
  setBufferedAmountLowThreshold = (mark: number): void => void (this.#mark = mark);
  onOpen = (told: () => void): void => void (this.#opened = told);
  onClosed = (told: () => void): void => void (this.#closed = told);
  onError = (): void => undefined;
  onBufferedAmountLow = (told: () => void): void => void (this.#low = told);
  onMessage = (told: (message: Message) => void): void => void (this.#came = told);

  sendMessageBinary(message: Uint8Array): boolean {
    if (!this.#open) throw new Error('closed');
    this.messages.push(message.slice());
    this.#waiting.push(message);
    if (!this.stuck) soon(() => this.leave());
    return false;
  }

  /** The first that waits comes to the other side. */
  leave(): void {
    const before = this.bufferedAmount();
    const next = this.#waiting.shift();
    if (next === undefined) return;
    if (before > this.#mark && this.bufferedAmount() <= this.#mark) soon(() => this.#low());
    this.other?.comes(next);
  }

  comes(message: Uint8Array | string): void {
    if (!this.#open) return;
    this.#came(typeof message === 'string' ? message : Buffer.from(message));
  }

  open(): void {
    this.#open = true;
    soon(() => this.#opened());
  }

  close(): void {
    if (this.#over) return;
    [this.#open, this.#over] = [false, true];
    soon(() => this.#closed());
  }
}

export class FakeConnection implements RtcConnection {
  readonly config: RtcConfig;
  readonly heard: string[] = [];
  channel: FakeChannel | null = null;
  pair: Pair = null;
  closed = false;
  readonly #network: FakeWebRtc;
  #said: (sdp: string, type: 'offer' | 'answer') => void = () => undefined;
  #found: (candidate: string, mid: string) => void = () => undefined;
  #state: (state: string) => void = () => undefined;
  #given: (channel: RtcChannel) => void = () => undefined;

  constructor(network: FakeWebRtc, config: RtcConfig) {
    this.#network = network;
    this.config = config;
  }

  onLocalDescription = (told: (sdp: string, type: 'offer' | 'answer') => void): void =>
    void (this.#said = told);
  onLocalCandidate = (told: (candidate: string, mid: string) => void): void => void (this.#found = told);
  onStateChange = (told: (state: string) => void): void => void (this.#state = told);
  onDataChannel = (told: (channel: RtcChannel) => void): void => void (this.#given = told);
  getSelectedCandidatePair = (): Pair => this.pair;
  roundTripMs = -1;
  rtt = (): number => this.roundTripMs;

  createDataChannel(): RtcChannel {
    this.channel = new FakeChannel();
    this.#say('offer');
    return this.channel;
  }

  setRemoteDescription(sdp: string, type: string): void {
    if (sdp === 'nonsense') throw new Error('Invalid SDP');
    this.heard.push(`${type} ${sdp}`);
    if (type === 'offer') this.#say('answer');
    else this.#network.made[Number(sdp)]?.meets(this);
  }

  addRemoteCandidate(candidate: string, mid: string): void {
    this.heard.push(`candidate ${mid} ${candidate}`);
  }

  /** The one that dialled. */
  meets(dialler: FakeConnection): void {
    if (this.closed || dialler.closed || dialler.channel === null) return;
    const [theirs, ours] = [dialler.channel, new FakeChannel()];
    [theirs.other, ours.other] = [ours, theirs];
    this.gives(ours);
    for (const channel of [theirs, ours]) channel.open();
  }

  /** The other side opened a channel. */
  gives(channel: FakeChannel): void {
    this.channel ??= channel;
    this.#given(channel);
  }

  /** A candidate of its own. */
  finds(candidate: string): void {
    this.#found(candidate, '0');
  }

  becomes(state: string): void {
    this.#state(state);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.channel?.close();
    const { channel } = this;
    soon(() => channel?.other?.close()); // behind what is on its way
    soon(() => this.#state('closed'));
  }

  #say(type: 'offer' | 'answer'): void {
    soon(() => {
      this.#said(String(this.#network.made.indexOf(this)), type);
      this.#found('a=candidate:1 1 UDP 2114977791 192.0.2.2 40989 typ host', '0');
    });
  }
}

export class FakeWebRtc implements WebRtc {
  /** In order. */
  readonly made: FakeConnection[] = [];
  releases = 0;
  /** Channels that have not said that they are closed. */
  held = 0;

  connect(config: RtcConfig): FakeConnection {
    const connection = new FakeConnection(this, config);
    this.made.push(connection);
    return connection;
  }

  hold(): () => void {
    this.held += 1;
    return () => (this.held -= 1);
  }

  release(): void {
    this.releases += 1;
  }
}
