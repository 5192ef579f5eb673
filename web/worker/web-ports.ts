/**
 * What this worker has to do with servers on the web: all of it only where the operator lets pages fetch from them ([WS6]),
 * which our own server says when somebody first wants something of the kind. Knows no files and no peers.
 */
import type { StreamProgress } from '../../shared/peer/streamed-file.ts';
import type { PeerPorts } from '../../shared/peer/ports.ts';
import { ServerConfig } from '../../shared/peer/server-config.ts';
import { refusedFor } from '../../shared/url/probe-answer.ts';
import type { UrlProbe } from '../../shared/url/probe.ts';
import { PageProbe } from './url-probe.ts';
import { urlStream } from './url-stream.ts';
import { webRanges } from './web-ranges.ts';

/** Not among the standard types: some browsers have it, in workers, too. */
interface WithConnection {
  readonly connection?: { readonly saveData?: boolean; readonly type?: string };
}

/** ms between two figures of a stream. */
const TOLD_EVERY_MS = 200;

export class WebPorts {
  readonly #config: ServerConfig;
  readonly #known: () => void;
  /** By policy pages ask nobody by http, however this one came. */
  readonly #probe = new PageProbe({ isSecure: true });
  /** What our server said last; null: nothing yet. */
  #says: boolean | null = null;
  #asked = false;

  /** `basePath`: of the page, beside which the server says it. `known`: whether anything may be lent is known now. */
  constructor(basePath: string, known: () => void) {
    this.#known = known;
    this.#config = new ServerConfig(
      () =>
        fetch(`${self.location.origin}${basePath}config`, {
          signal: AbortSignal.timeout(ServerConfig.PATIENCE_MS),
        }),
      () => performance.now(),
    );
  }

  get ports(): Pick<PeerPorts, 'webRanges' | 'urlProbe' | 'urlStream' | 'mayLend'> {
    const urlProbe: UrlProbe = {
      probe: async (url) => ((await this.mayAsk()) ? this.#probe.probe(url) : refusedFor('not-from-here')),
    };
    return { webRanges, urlProbe, urlStream, mayLend: () => this.#mayLend() };
  }

  /** False only where the server says so: while it is away its page has the policy that it came with. */
  async mayAsk(): Promise<boolean> {
    this.#says = await this.#config.urlSources();
    return this.#says !== false;
  }

  /** [WS35] Asked only where the person lends. */
  #mayLend(): boolean {
    if (!this.#asked) {
      this.#asked = true;
      void this.mayAsk().then(() => {
        // A server that is away is asked again with the next look at it.
        this.#asked = this.#says !== null;
        if (this.#says !== null) this.#known();
      });
    }
    return this.#says === true && !isMetered();
  }
}

/** [WS35] As far as the browser tells: every byte may cost something, or data is to be saved. */
export function isMetered(): boolean {
  const { connection } = navigator as WithConnection;
  return connection?.saveData === true || connection?.type === 'cellular';
}

/** [WS25] A stream is told of with each part that comes; the page need not hear of all. */
export function nowAndThen(
  told: (progress: StreamProgress) => void,
  now: () => number = () => performance.now(),
): (progress: StreamProgress) => void {
  let next = -Infinity;
  return (progress) => {
    if (now() < next) return;
    next = now() + TOLD_EVERY_MS;
    told(progress);
  };
}
