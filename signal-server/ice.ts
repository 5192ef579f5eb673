/**
 * Which ICE servers pages are told of ([SV3]): none unless the operator names some, so that no third party is
 * contacted. For a TURN server of one's own: credentials that end, by coturn's REST scheme
 * (draft-uberti-behave-turn-rest-00): the user name is `<unix seconds at the end>:<label>`, the password the
 * base64 of HMAC-SHA1 of the user name under the secret that both servers know. What a browser would refuse never
 * gets as far as a page ([SV7]).
 */
import { createHmac, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { iceUrlFault } from './ice-url.ts';

/** What browsers take of a user name or password (RFC 8489, section 14.3: fewer than 509 bytes). */
const MAX_CREDENTIAL_BYTES = 508;

const iceUrl = v.pipe(
  v.string('is no text'),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? iceUrlFault(dataset.value) : null;
    if (fault !== null) addIssue({ message: fault });
  }),
);
const credential = v.pipe(
  v.string('has a "username" or "credential" that is no text'),
  v.maxBytes(MAX_CREDENTIAL_BYTES, `has a "username" or "credential" of over ${MAX_CREDENTIAL_BYTES} bytes`),
);
const urls = v.pipe(v.array(iceUrl, 'has no "urls"'), v.minLength(1, 'has no "urls"'));

/** An `RTCIceServer` that `new RTCPeerConnection` takes. Each issue's message goes on from "one of them …". */
export const iceServer = v.pipe(
  v.object(
    {
      urls: v.lazy((value) => (typeof value === 'string' ? iceUrl : urls)),
      username: v.exactOptional(credential),
      credential: v.exactOptional(credential),
    },
    (issue) => (issue.path?.[0]?.key === 'urls' ? 'has no "urls"' : 'is no object'),
  ),
  v.check(
    (server) => !relays(server.urls) || Boolean(server.username && server.credential),
    'is a TURN server without "username" and "credential"',
  ),
);
export type IceServer = v.InferOutput<typeof iceServer>;

function relays(of: string | readonly string[]): boolean {
  return [of].flat().some((url) => url.startsWith('turn'));
}

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
