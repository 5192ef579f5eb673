/** Why a server could not start, in one sentence for the person at the terminal ([SV7]). Repeats no secret. */
import * as v from 'valibot';
import { ConfigError } from './config.ts';

const systemFailure = v.object({
  code: v.string(),
  port: v.exactOptional(v.number()),
  address: v.exactOptional(v.string()),
});

/** `host`: as the operator wrote it; null where they wrote none. */
export function startFailureSentence(failure: unknown, host: string | null): string {
  if (failure instanceof ConfigError) return failure.message;
  const system = v.safeParse(systemFailure, failure);
  return (
    (system.success ? knownSentence(system.output, host) : null) ??
    `The server could not start: ${failure instanceof Error ? failure.message : String(failure)}`
  );
}

function knownSentence(failure: v.InferOutput<typeof systemFailure>, host: string | null): string | null {
  const { code, port, address } = failure;
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken: another program, or another Shoal, is using it. Stop it, or choose another port with PORT=8001.`;
  }
  if (code === 'EACCES')
    return `Port ${port} may not be opened by this user. Choose one above 1023 with PORT.`;
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'].includes(code)) {
    return `HOST names an address that this machine does not have: ${address ?? host ?? ''}.`;
  }
  return code.startsWith('ERR_OSSL')
    ? `TLS_CERT and TLS_KEY must name PEM files of a certificate and its own key: ${code}.`
    : null;
}
