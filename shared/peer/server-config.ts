/**
 * What our own server says to everybody at `config`, beside the page: which ICE servers to use ([PN1]), and whether pages may
 * fetch from web addresses ([WS6]). Asked anew when it may have expired (relay credentials live an hour at most). An answer
 * that is none (another status, no answer in time, text that cannot be read) is not remembered: whoever asks next asks
 * again, and this one goes by what was said last, or without any server. Then no third party is contacted.
 */
import * as v from 'valibot';

const FRESH_MS = 10 * 60_000;

const config = v.object({
  iceServers: v.array(
    v.object({
      urls: v.union([v.string(), v.array(v.string())]),
      username: v.exactOptional(v.string()),
      credential: v.exactOptional(v.string()),
    }),
  ),
  urlSources: v.optional(v.boolean(), false),
});

type Config = v.InferOutput<typeof config>;

interface Answer {
  readonly ok: boolean;
  json(): Promise<unknown>;
}

/** A STUN or TURN server as its operator names it. */
export type IceServer = Config['iceServers'][number];

export class ServerConfig {
  /** What an answer may take, in ms: a request that hangs holds up the connections that wait for it. */
  static readonly PATIENCE_MS = 8_000;
  readonly #fetch: () => Promise<Answer>;
  readonly #now: () => number;
  #known: Config | null = null;
  #knownAt = -Infinity;
  #asking: Promise<Config | null> | null = null;

  /** `fetch` rejects by itself where no answer comes; `now`: milliseconds that never go back. */
  constructor(fetch: () => Promise<Answer>, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  async iceServers(): Promise<IceServer[]> {
    return (await this.#current())?.iceServers ?? [];
  }

  /** Null: it was never told. */
  async urlSources(): Promise<boolean | null> {
    return (await this.#current())?.urlSources ?? null;
  }

  #current(): Promise<Config | null> {
    if (this.#now() - this.#knownAt < FRESH_MS) return Promise.resolve(this.#known);
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #ask(): Promise<Config | null> {
    const said = await this.#answered();
    if (said === null) return this.#known;
    this.#known = said;
    this.#knownAt = this.#now();
    return said;
  }

  /** Null: no answer that could be read. */
  async #answered(): Promise<Config | null> {
    try {
      const response = await this.#fetch();
      if (!response.ok) return null;
      const parsed = v.safeParse(config, await response.json());
      return parsed.success ? parsed.output : null;
    } catch {
      return null; // the world's: no network, no answer in time, no JSON
    }
  }
}
