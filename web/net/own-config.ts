/** What the server that this page came from says at `config` ([PN1] [WS6]): asked once for all who want to know it in this tab. */
import { ServerConfig } from '../../shared/peer/server-config.ts';

export function newOwnConfig(): ServerConfig {
  return new ServerConfig(
    () => fetch('config', { signal: AbortSignal.timeout(ServerConfig.PATIENCE_MS) }),
    () => performance.now(),
  );
}

export const ownConfig = newOwnConfig();
