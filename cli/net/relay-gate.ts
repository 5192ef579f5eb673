/**
 * [HL22] What a connection that goes through relays alone may know of the other side: its addresses at the relay that is
 * ours, too. The library sends its checks from this machine's own address to every candidate it knows, whatever the policy
 * says; whoever could name another address would learn ours from them, and "relay" is only what the other side says of it.
 * A relay tells nobody from where such a check came. Texts only.
 */
import type { Signal } from '../../shared/peer/signals.ts';

type Candidate = Signal & { type: 'candidate' };

export class RelayGate {
  readonly #pass: (signal: Signal) => void;
  /** Addresses of the relay, as it gave them to us. */
  readonly #own = new Set<string>();
  /** Until we have one ourselves, nobody knows which are at the same relay. */
  #waiting: Candidate[] = [];

  constructor(pass: (signal: Signal) => void) {
    this.#pass = pass;
  }

  hear(signal: Signal): void {
    if (signal.type === 'candidate') return this.#judge(signal);
    const lines = signal.sdp.split(/\r\n|\r|\n/);
    const isCandidate = (line: string): boolean => line.startsWith('a=candidate:');
    const sdp = lines.filter((line) => !isCandidate(line)).join('\r\n');
    this.#pass({ ...signal, sdp });
    for (const line of lines.filter(isCandidate)) {
      this.#judge({
        type: 'candidate',
        candidate: { candidate: line.slice(2), sdpMid: '0', sdpMLineIndex: 0 },
      });
    }
  }

  /** A candidate of ours. */
  found(candidate: string): void {
    const address = relayAddressOf(candidate);
    if (address === null || this.#own.has(address)) return;
    this.#own.add(address);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const signal of waiting) this.#judge(signal);
  }

  #judge(signal: Candidate): void {
    const address = relayAddressOf(signal.candidate.candidate);
    if (address === null) return;
    if (this.#own.has(address)) this.#pass(signal);
    else this.#waiting.push(signal);
  }
}

/** Null: it says itself that it is no relay. */
function relayAddressOf(candidate: string): string | null {
  const [, , , , address = '', , typ, kind] = candidate.split(' ', 8);
  return typ === 'typ' && kind === 'relay' ? address.toLowerCase() : null;
}
