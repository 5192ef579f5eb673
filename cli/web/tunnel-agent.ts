/**
 * Connections to https servers through a proxy (`CONNECT`, RFC 9110, section 9.3.6; [WS13]): the proxy carries ciphertext, and
 * certificates are checked as without it. It resolves the names. Knows no requests.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpProxy } from './proxies.ts';

/** The proxy is not there, or does not let it through. */
export class ProxyTrouble extends Error {
  override name = 'ProxyTrouble';
}

export class TunnelAgent extends https.Agent {
  readonly #proxy: HttpProxy;
  readonly #patienceMs: number;
  readonly #opening = new Set<http.ClientRequest>();

  /** `patienceMs`: for the proxy's answer. */
  constructor(proxy: HttpProxy, patienceMs: number, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#patienceMs = patienceMs;
  }

  override createConnection(
    options: https.RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const opening = this.#request(`${inAddress(options.host ?? '')}:${options.port ?? 443}`);
    this.#opening.add(opening);
    const failed = (why: string): void => {
      if (this.#opening.delete(opening)) callback?.(new ProxyTrouble(why), new Socket());
    };
    opening.setTimeout(this.#patienceMs, () => opening.destroy(new Error('the proxy is silent')));
    opening.on('error', ({ message }) => failed(message));
    opening.once('connect', (response, socket, first) => {
      socket.setTimeout(0);
      if (response.statusCode !== 200) {
        socket.destroy();
        return failed(`the proxy answers with ${response.statusCode ?? 0}`);
      }
      if (first.length > 0) socket.unshift(first);
      const through = { ...options, socket };
      const secured = super.createConnection(through);
      if (this.#opening.delete(opening) && secured) callback?.(null, secured);
    });
    opening.end();
    return undefined;
  }

  override destroy(): void {
    super.destroy();
    for (const opening of this.#opening) opening.destroy();
  }

  #request(target: string): http.ClientRequest {
    const { protocol, host, port } = this.#proxy;
    const headers = { host: target, ...authorizationFor(this.#proxy) };
    const options = { method: 'CONNECT', host, port, path: target, agent: false, headers } as const;
    return (protocol === 'https:' ? https : http).request(options);
  }
}

/** The header by which a proxy knows who asks. */
export function authorizationFor({ authorization }: HttpProxy): http.OutgoingHttpHeaders {
  return authorization === null ? {} : { 'proxy-authorization': authorization };
}

function inAddress(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
