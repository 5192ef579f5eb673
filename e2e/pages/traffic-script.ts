/**
 * In the browser, before the page's own scripts: counts what comes and goes over data channels, beside what the page
 * does with it, and sees when the first content comes after a press.
 */

/** Smaller messages may be about the transfer instead of a part of it. */
const CONTENT_BYTES = 4_096;

export interface Traffic {
  arrivedBytes: number;
  sentBytes: number;
  /** Milliseconds of the page's clock; null before it happened. */
  pressedAt: number | null;
  contentAt: number | null;
}

const traffic: Traffic = { arrivedBytes: 0, sentBytes: 0, pressedAt: null, contentAt: null };

function count(channel: RTCDataChannel): void {
  channel.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
    traffic.arrivedBytes += data.byteLength;
    if (data.byteLength >= CONTENT_BYTES) traffic.contentAt ??= performance.now();
  });
}

addEventListener(
  'click',
  () => {
    traffic.pressedAt = performance.now();
    traffic.contentAt = null;
  },
  { capture: true },
);

const { prototype } = RTCPeerConnection;
const create = Reflect.get(prototype, 'createDataChannel') as RTCPeerConnection['createDataChannel'];
Object.defineProperty(prototype, 'createDataChannel', {
  value(this: RTCPeerConnection, ...given: Parameters<typeof create>): RTCDataChannel {
    const channel = create.apply(this, given);
    count(channel);
    return channel;
  },
});
const send = Reflect.get(RTCDataChannel.prototype, 'send') as (data: ArrayBuffer | ArrayBufferView) => void;
Object.defineProperty(RTCDataChannel.prototype, 'send', {
  value(this: RTCDataChannel, data: ArrayBuffer | ArrayBufferView): void {
    traffic.sentBytes += data.byteLength;
    send.call(this, data);
  },
});
const Connection = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Connection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    this.addEventListener('datachannel', ({ channel }) => count(channel));
  }
};
Object.assign(globalThis, { shoalTraffic: traffic });
