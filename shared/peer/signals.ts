/**
 * What two peers say to each other through the tracker to set up a connection ([PN4]), or a further one beside it
 * ([PN14]): JSON text of one attempt's offer, answer and candidates. A stranger's text is checked here and only what is named goes on: other signals would
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
const name = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));
const signals = v.pipe(
  v.array(v.unknown()),
  v.maxLength(MAX_SIGNALS),
  v.array(v.variant('type', [description, candidate])),
);
/** `attempt` names it, so that what was meant for an earlier one is not mixed in. */
const payload = v.object({ attempt: name, signals });
/**
 * `beside`: the attempt that became the connection beside which it is made; `subflow`: its own name. Who knows no such
 * connections finds no attempt in it and drops it.
 */
const subflowPayload = v.object({ beside: name, subflow: name, signals });

export type SignalPayload = v.InferOutput<typeof payload>;
export type SubflowPayload = v.InferOutput<typeof subflowPayload>;
export type Signal = SignalPayload['signals'][number];
export type AttemptNames = Omit<SignalPayload, 'signals'> | Omit<SubflowPayload, 'signals'>;

/** Null: nothing that a page of ours would send. */
export function parseSignals(text: string): SignalPayload | null {
  return parsedBy(payload, text);
}

/** [PN14] Null: it is about no further connection. */
export function parseSubflowSignals(text: string): SubflowPayload | null {
  return parsedBy(subflowPayload, text);
}

function parsedBy<T>(schema: v.GenericSchema<unknown, T>, text: string): T | null {
  if (text.length > MAX_SIGNAL_BYTES) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : null;
}

/**
 * The texts that carry these signals in their order: several where one would hold more signals than are taken, or be
 * longer than the tracker carries. A signal that is too long by itself is left out: nobody would take it.
 */
export function signalTexts(names: AttemptNames, signals: readonly unknown[]): string[] {
  const texts: string[] = [];
  let together: unknown[] = [];
  for (const signal of signals) {
    const more = [...together, signal];
    if (more.length <= MAX_SIGNALS && fits(names, more)) {
      together = more;
      continue;
    }
    if (together.length > 0) texts.push(textOf(names, together));
    together = fits(names, [signal]) ? [signal] : [];
  }
  if (together.length > 0) texts.push(textOf(names, together));
  return texts;
}

function fits(names: AttemptNames, signals: readonly unknown[]): boolean {
  return utf8Length(textOf(names, signals)) <= MAX_SIGNAL_BYTES;
}

function textOf(names: AttemptNames, signals: readonly unknown[]): string {
  return JSON.stringify({ ...names, signals });
}
