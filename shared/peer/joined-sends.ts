/**
 * Small frames that one step of a machine sends to one peer, one after another, as one message ([WK7]): a message
 * costs the page, the network and the other side far more than its bytes. Large frames go as they are. Order stays.
 */
import type { Output } from '../engine/io.ts';
import { JOINED_MESSAGE_BYTES } from './limits.ts';

type Send = Output & { kind: 'send' };

export function joinedSends(outputs: readonly Output[]): readonly Output[] {
  if (outputs.length < 2) return outputs;
  const joined: Output[] = [];
  let open: Send[] = [];
  let bytes = 0;
  const close = (): void => {
    if (open.length > 0) joined.push(oneOf(open, bytes));
    open = [];
    bytes = 0;
  };
  for (const output of outputs) {
    if (output.kind !== 'send') {
      close();
      joined.push(output);
      continue;
    }
    const fits = bytes + output.bytes.length <= JOINED_MESSAGE_BYTES && output.link === open[0]?.link;
    if (!fits) close();
    open.push(output);
    bytes += output.bytes.length;
  }
  close();
  return joined;
}

function oneOf(sends: readonly Send[], bytes: number): Send {
  const [first] = sends as [Send, ...Send[]];
  if (sends.length === 1) return first;
  const message = new Uint8Array(bytes);
  let at = 0;
  for (const send of sends) {
    message.set(send.bytes, at);
    at += send.bytes.length;
  }
  return { ...first, bytes: message };
}
