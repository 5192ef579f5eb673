/**
 * What one attempt may say in all ([PN7]), in either direction: one description and a few candidates. A browser pairs
 * each candidate with each of its own and keeps it as long as the attempt, so a text that is small tells little of what
 * it costs. Judges, in time linear in the text, and passes on; knows no connection.
 */
import { MAX_ATTEMPT_CANDIDATES, MAX_ATTEMPT_NAMES, MAX_HOST_CANDIDATES } from './limits.ts';
import type { Signal } from './signals.ts';

/** The other side's. It is over with one that says more than there is to say. */
export class HeardSignals {
  readonly #type: 'offer' | 'answer';
  #described = false;
  #candidates = 0;
  /** Candidates that a name stands for: each is a question to the network around us. */
  #names = 0;
  readonly #seen = new Set<string>();

  /** `type`: the one description that is awaited. */
  constructor(type: 'offer' | 'answer') {
    this.#type = type;
  }

  /** Those that go on to the browser; null: too much, and the attempt has to end. */
  admit(signals: readonly Signal[]): readonly Signal[] | null {
    const admitted: Signal[] = [];
    for (const signal of signals) {
      if (signal.type === 'candidate') {
        const { candidate, sdpMid, sdpMLineIndex } = signal.candidate;
        if (++this.#candidates > MAX_ATTEMPT_CANDIDATES) return null;
        const key = `${sdpMid} ${sdpMLineIndex} ${candidate}`;
        if (this.#seen.has(key)) continue;
        this.#seen.add(key);
        if (candidate !== '' && !this.#isReachable(candidate)) continue;
      } else if (!this.#describes(signal)) {
        return null;
      }
      admitted.push(signal);
    }
    return admitted;
  }

  /** The first description, of data alone, with no more candidates in it than may follow it. */
  #describes({ type, sdp }: Signal & { sdp: string }): boolean {
    if (this.#described || type !== this.#type) return false;
    this.#described = true;
    let media = 0;
    for (const line of sdp.split(/[\r\n]/)) {
      if (line.startsWith('m=') && (++media > 1 || !line.startsWith('m=application '))) return false;
      if (!line.startsWith('a=candidate:')) continue;
      if (++this.#candidates > MAX_ATTEMPT_CANDIDATES || !this.#isReachable(line)) return false;
    }
    return true;
  }

  /** An address, or one of the names that browsers make up to hide one; any other name would be looked up for a stranger. */
  #isReachable(candidate: string): boolean {
    const address = candidate.split(' ', 6)[4] ?? '';
    if (isAddress(address)) return true;
    return isMadeUpName(address) && ++this.#names <= MAX_ATTEMPT_NAMES;
  }
}

/** An IPv4 or IPv6 address: no name has a colon, and none ends in a number. */
function isAddress(text: string): boolean {
  if (text.length > 64) return false;
  if (text.includes(':')) return /^[0-9a-fA-F:.]+$/.test(text);
  return /^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$/.test(text);
}

/** A UUID in multicast DNS. */
function isMadeUpName(text: string): boolean {
  return text.length === 42 && /^[0-9a-fA-F-]{36}\.local$/.test(text);
}

/** Ours: who has many networks says some of them, and leaves room for what leads around a firewall. */
export class SaidSignals {
  #candidates = 0;
  #hosts = 0;
  readonly #seen = new Set<string>();

  /** Those of what the browser gives that are said. */
  admit(signals: readonly unknown[]): readonly unknown[] {
    return signals.filter((signal) => {
      const candidate = candidateOf(signal);
      if (candidate === null) return true;
      const isHost = candidate.includes(' typ host');
      if (this.#seen.has(candidate) || this.#candidates >= MAX_ATTEMPT_CANDIDATES) return false;
      if (isHost && this.#hosts >= MAX_HOST_CANDIDATES) return false;
      this.#seen.add(candidate);
      this.#candidates++;
      if (isHost) this.#hosts++;
      return true;
    });
  }
}

/** Null: it is none. */
function candidateOf(signal: unknown): string | null {
  if (typeof signal !== 'object' || signal === null || !('candidate' in signal)) return null;
  return JSON.stringify(signal.candidate);
}
