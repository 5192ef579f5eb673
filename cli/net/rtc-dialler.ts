/** [HL21] Makes connections by WebRTC in Node, each with the ICE servers of the moment. Knows no peers. */
import type { LinkRole } from '../../shared/engine/io.ts';
import type { ServerConfig } from '../../shared/peer/server-config.ts';
import { MessageBudget } from '../../shared/peer/message-budget.ts';
import type { Attempt, AttemptListener, Clock, Dialler } from '../../shared/peer/ports.ts';
import { nodeIceServers } from './ice-servers.ts';
import { RtcAttempt } from './rtc-attempt.ts';
import type { WebRtc } from './web-rtc.ts';

export interface DiallerParts {
  readonly webRtc: WebRtc;
  readonly clock: Clock;
  readonly ice: Pick<ServerConfig, 'iceServers'>;
  /** [LB14] Whether connections go through a relay alone; none is begun before it says so. */
  readonly relayOnly: () => Promise<boolean>;
}

export class RtcDialler implements Dialler {
  readonly #parts: DiallerParts;
  readonly #budget = new MessageBudget();
  readonly #attempts = new Set<RtcAttempt>();
  #closed = false;

  constructor(parts: DiallerParts) {
    this.#parts = parts;
  }

  async begin(role: LinkRole, listener: AttemptListener): Promise<Attempt | null> {
    const { webRtc, clock, ice } = this.#parts;
    const relayOnly = await this.#parts.relayOnly();
    const iceServers = nodeIceServers(await ice.iceServers());
    if (this.#closed) return null;
    try {
      const closed = (attempt: RtcAttempt): void => void this.#attempts.delete(attempt);
      const parts = { webRtc, clock, budget: this.#budget, iceServers, relayOnly, closed };
      const attempt = new RtcAttempt(role, parts, listener);
      this.#attempts.add(attempt);
      return attempt;
    } catch {
      return null; // the system gives no more sockets or threads: as good as a failed dial
    }
  }

  /** All connections, and the library's threads unless another peer uses them. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const attempt of this.#attempts) attempt.close();
    this.#parts.webRtc.release();
  }
}
