/** What the frames of one socket say: messages, or why they are none ([TR1] [TR2]). Knows no socket and no answer. */
import { MAX_TRACKER_FRAME_BYTES } from '../shared/tracker/limits.ts';
import { parseClientMessage } from '../shared/tracker/messages.ts';
import type { Announce, ClientMessage, Refused } from '../shared/tracker/messages.ts';

/** UTF-16 code units of an announce that is remembered: no padding is kept, which nobody would count. */
const MAX_REMEMBERED_LENGTH = 512;

export class FrameReader {
  /** The last announce: whoever has all there is says the same every time. */
  #announced: { readonly text: string; readonly message: Announce } | null = null;

  /** `data`: bytes, or a text that was read already. */
  read(data: Buffer | string, isBinary: boolean): ClientMessage | Refused {
    if (isBinary) return { type: 'refused', code: 'binary', message: 'Messages are JSON in text frames.' };
    if (data.length > MAX_TRACKER_FRAME_BYTES) {
      const message = `A message has at most ${MAX_TRACKER_FRAME_BYTES} bytes.`;
      return { type: 'refused', code: 'too-large', message };
    }
    const text = data.toString();
    if (this.#announced?.text === text) return this.#announced.message;
    const message = parseClientMessage(text);
    if (message.type === 'announce' && text.length <= MAX_REMEMBERED_LENGTH)
      this.#announced = { text, message };
    return message;
  }
}
