/**
 * The rate limits of this peer ([WK6]): one pair of buckets that the machines of all its shares draw from, and the last
 * limits that the host gave, for shares that are opened later. Checks what the host gives; counts no bytes.
 */
import * as v from 'valibot';
import type { SharedBuckets } from '../engine/content.ts';
import type { Input } from '../engine/io.ts';
import { TokenBucket } from '../engine/meters/token-bucket.ts';
import type { RateLimits } from './verbs.ts';

const Rate = v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0)));
const Rates = v.object({ up: Rate, down: Rate, peerUp: Rate, peerDown: Rate });

export class PeerRateLimits {
  readonly buckets: SharedBuckets = { up: new TokenBucket(), down: new TokenBucket() };
  #rates: RateLimits = { up: null, down: null, peerUp: null, peerDown: null };

  /** Null: what came says no limits, and those before stay. Otherwise what every machine has to be told. */
  change(rates: unknown): Input | null {
    const checked = v.safeParse(Rates, rates);
    if (!checked.success) return null;
    this.#rates = checked.output;
    return this.said;
  }

  /** As they were given last. */
  get rates(): RateLimits {
    return this.#rates;
  }

  /** What a machine that begins now has to be told. */
  get said(): Input {
    return { kind: 'limits-changed', ...this.#rates };
  }
}
