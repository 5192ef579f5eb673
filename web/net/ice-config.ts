/**
 * Which ICE servers to use: what our own server says at `GET config`, asked anew when it may have expired
 * (relay credentials live an hour at most). Empty where it says nothing: then no third party is contacted.
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
});

export class IceConfig {
  #servers: Promise<RTCIceServer[]> | null = null;
  #askedAt = 0;

  servers(): Promise<RTCIceServer[]> {
    if (this.#servers !== null && performance.now() - this.#askedAt < FRESH_MS) return this.#servers;
    this.#askedAt = performance.now();
    this.#servers = this.#ask();
    return this.#servers;
  }

  /** Without an answer: straight connections only, and the next attempt asks again. */
  async #ask(): Promise<RTCIceServer[]> {
    try {
      const response = await fetch('config');
      const parsed = v.safeParse(config, await response.json());
      if (parsed.success) return parsed.output.iceServers;
    } catch {
      this.#servers = null;
      return [];
    }
    return [];
  }
}
