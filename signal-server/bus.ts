/**
 * What server processes say to each other when several share one registry: pushes and signals for members whose
 * socket another process holds. A message that is not understood is dropped and counted, never thrown on.
 */
import * as v from 'valibot';
import { isHexId } from '../shared/ids.ts';
import type { PeerId, SwarmId } from '../shared/ids.ts';
import { MAX_SIGNAL_BYTES } from '../shared/limits.ts';
import { listing } from '../shared/tracker/messages.ts';
import type { InstanceId } from './swarms.ts';
import type { MaybePromise } from './when-ready.ts';

const hex = <T extends string>(): v.CustomSchema<T, undefined> =>
  v.custom<T>((input) => typeof input === 'string' && isHexId(input));
const swarm: v.CustomSchema<SwarmId, undefined> = hex();
const peer: v.CustomSchema<PeerId, undefined> = hex();
/** Told at once; more are told in several messages. */
export const MAX_BUS_RECIPIENTS = 512;
const recipients = v.pipe(v.array(v.unknown()), v.maxLength(MAX_BUS_RECIPIENTS), v.array(peer));

const busMessage = v.variant('kind', [
  v.object({ kind: v.literal('joined'), swarm, peerId: peer, seed: v.boolean(), to: recipients }),
  v.object({ kind: v.literal('left'), swarm, peerId: peer, to: recipients }),
  v.object({
    kind: v.literal('signal'),
    swarm,
    from: peer,
    to: peer,
    payload: v.pipe(v.string(), v.maxLength(MAX_SIGNAL_BYTES)),
  }),
  /** The answer to a signal whose receiver is not there any more. */
  v.object({ kind: v.literal('undelivered'), swarm, from: peer, to: peer }),
  /** Does the socket that holds this member answer a ping? */
  v.object({ kind: v.literal('still-held'), swarm, peerId: peer, question: v.number() }),
  v.object({ kind: v.literal('held'), question: v.number(), alive: v.boolean() }),
  /** The sender's member proved this id: it is not the receiver's any more. */
  v.object({ kind: v.literal('taken'), swarm, peerId: peer }),
  v.object({ kind: v.literal('listed'), swarm, peerId: peer, listing }),
  v.object({ kind: v.literal('unlisted'), swarm, peerId: peer }),
  /** Asks for everything that was listed through the receiver. */
  v.object({ kind: v.literal('list-all') }),
]);
const envelope = v.object({ from: v.pipe(v.string(), v.maxLength(64)), message: busMessage });

export type BusMessage = v.InferOutput<typeof busMessage>;
export type BusListener = (from: InstanceId, message: BusMessage) => void;

export interface Bus {
  /** Whether the message reached the other process; never rejects. */
  send(to: InstanceId, message: BusMessage): MaybePromise<boolean>;
  listen(listener: BusListener): void;
}

/** One process alone: there is nobody to tell. */
export const noBus: Bus = { send: () => false, listen: () => undefined };

export function busText(from: InstanceId, message: BusMessage): string {
  return JSON.stringify({ from, message });
}

export function parseBusText(text: string): { from: InstanceId; message: BusMessage } | null {
  try {
    const parsed = v.safeParse(envelope, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
