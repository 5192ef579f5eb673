/**
 * In the browser: a bare data channel, the limit that everything built on it is measured against. One side sends
 * messages of 64 KiB with a shallow send buffer, the other counts bytes; nobody hashes or stores.
 */
const MESSAGE_BYTES = 65_536;
/** Deeper send buffers cost a third of the speed. */
const SEND_BUFFER_BYTES = 131_072;

const connection = new RTCPeerConnection();
const channel = connection.createDataChannel('raw', { negotiated: true, id: 0 });
channel.binaryType = 'arraybuffer';
channel.bufferedAmountLowThreshold = SEND_BUFFER_BYTES - MESSAGE_BYTES;
const opened = new Promise((open) => (channel.onopen = open));

/** With all its candidates in it. */
async function description(): Promise<string> {
  await new Promise<void>((gathered) => {
    const look = (): void => void (connection.iceGatheringState === 'complete' && gathered());
    connection.onicegatheringstatechange = look;
    look();
  });
  return JSON.stringify(connection.localDescription);
}

async function offer(): Promise<string> {
  await connection.setLocalDescription();
  return description();
}

async function answer(theirs: string): Promise<string> {
  await accept(theirs);
  return offer();
}

async function accept(theirs: string): Promise<void> {
  await connection.setRemoteDescription(JSON.parse(theirs) as RTCSessionDescriptionInit);
}

/** Sends what the other side asks for. */
function serve(): void {
  const message = new Uint8Array(MESSAGE_BYTES);
  channel.onmessage = ({ data }) => {
    let left = Number(data);
    const pump = (): void => {
      while (left > 0 && channel.bufferedAmount <= SEND_BUFFER_BYTES - MESSAGE_BYTES) {
        channel.send(message.subarray(0, Math.min(left, MESSAGE_BYTES)));
        left -= MESSAGE_BYTES;
      }
    };
    channel.onbufferedamountlow = pump;
    pump();
  };
}

/** Milliseconds from asking for that many bytes to the last of them. */
async function fetchBytes(bytes: number): Promise<number> {
  await opened;
  const asked = performance.now();
  let missing = bytes;
  await new Promise<void>((complete) => {
    channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      missing -= data.byteLength;
      if (missing <= 0) complete();
    };
    channel.send(String(bytes));
  });
  return performance.now() - asked;
}

const verbs = { offer, answer, accept, serve, fetchBytes };
export type RawChannelPage = typeof verbs;
Object.assign(globalThis, { raw: verbs });
