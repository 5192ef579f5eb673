/**
 * What two peers say to each other through the tracker to set up a connection ([PN4]): JSON text of one attempt's
 * offer, answer and candidates. A stranger's text is checked here and only what is named goes on: other signals would
 * make a connection renegotiate or add media.
 */
import * as v from 'valibot';
import { MAX_SIGNAL_BYTES } from '../limits.ts';
import { utf8Length } from '../utf8.ts';
import { MAX_ATTEMPT_CANDIDATES, MAX_DESCRIPTION_LENGTH } from './limits.ts';

/** In one text: all that an attempt has to say ([PN7]). */
const MAX_SIGNALS = 1 + MAX_ATTEMPT_CANDIDATES;

const description = v.object({
  type: v.picklist(['offer', 'answer']),
  sdp: v.pipe(v.string(), v.maxLength(MAX_DESCRIPTION_LENGTH)),
});
const candidate = v.object({
  type: v.literal('candidate'),
  candidate: v.pipe(
    v.object({
      candidate: v.pipe(v.string(), v.maxLength(1_024)),
      sdpMid: v.nullable(v.pipe(v.string(), v.maxLength(64))),
      sdpMLineIndex: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(64))),
    }),
    // Browsers throw at one that does not say which part of the description it is for.
    v.check(({ sdpMid, sdpMLineIndex }) => sdpMid !== null || sdpMLineIndex !== null),
  ),
});
const payload = v.object({
  /** Names the attempt, so that what was meant for an earlier one is not mixed in. */
  attempt: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  signals: v.pipe(
    v.array(v.unknown()),
    v.maxLength(MAX_SIGNALS),
    v.array(v.variant('type', [description, candidate])),
  ),
});

export type SignalPayload = v.InferOutput<typeof payload>;
export type Signal = SignalPayload['signals'][number];

/** Null: nothing that a page of ours would send. */
export function parseSignals(text: string): SignalPayload | null {
  if (text.length > MAX_SIGNAL_BYTES) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = v.safeParse(payload, value);
  return parsed.success ? parsed.output : null;
}

/**
 * The texts that carry these signals in their order: several where one would hold more signals than are taken, or be
 * longer than the tracker carries. A signal that is too long by itself is left out: nobody would take it.
 */
export function signalTexts(attempt: string, signals: readonly unknown[]): string[] {
  const texts: string[] = [];
  let together: unknown[] = [];
  for (const signal of signals) {
    const more = [...together, signal];
    if (more.length <= MAX_SIGNALS && fits(attempt, more)) {
      together = more;
      continue;
    }
    if (together.length > 0) texts.push(textOf(attempt, together));
    together = fits(attempt, [signal]) ? [signal] : [];
  }
  if (together.length > 0) texts.push(textOf(attempt, together));
  return texts;
}

function fits(attempt: string, signals: readonly unknown[]): boolean {
  return utf8Length(textOf(attempt, signals)) <= MAX_SIGNAL_BYTES;
}

function textOf(attempt: string, signals: readonly unknown[]): string {
  return JSON.stringify({ attempt, signals });
}
