/**
 * Which ICE servers pages are told of ([SV3]): none unless the operator names some, so that no third party is
 * contacted. For a TURN server of one's own: credentials that end, by coturn's REST scheme
 * (draft-uberti-behave-turn-rest-00): the user name is `<unix seconds at the end>:<label>`, the password the
 * base64 of HMAC-SHA1 of the user name under the secret that both servers know.
 */
import { createHmac, randomBytes } from 'node:crypto';
import * as v from 'valibot';

const iceUrl = v.pipe(v.string(), v.regex(/^(?:stuns?|turns?):[^\s]+$/));
export const iceServer = v.object({
  urls: v.union([iceUrl, v.pipe(v.array(iceUrl), v.minLength(1))]),
  username: v.exactOptional(v.string()),
  credential: v.exactOptional(v.string()),
});
export type IceServer = v.InferOutput<typeof iceServer>;

export interface TurnSecret {
  readonly urls: readonly string[];
  readonly secret: string;
  /** Seconds for which credentials are good. */
  readonly lifeSeconds: number;
}

/** `now` in milliseconds since 1970. */
export function iceServersNow(
  fixed: readonly IceServer[],
  turn: TurnSecret | null,
  now: number,
): readonly IceServer[] {
  if (!turn) return fixed;
  // A label of its own for each page, because coturn counts its quotas by user name.
  const label = randomBytes(6).toString('hex');
  return [...fixed, { urls: [...turn.urls], ...turnCredentials(turn, label, now) }];
}

export function turnCredentials(
  turn: TurnSecret,
  label: string,
  now: number,
): { username: string; credential: string } {
  const username = `${Math.floor(now / 1000) + turn.lifeSeconds}:${label}`;
  return { username, credential: createHmac('sha1', turn.secret).update(username).digest('base64') };
}
