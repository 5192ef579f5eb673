import { beforeEach, describe, expect, test } from 'vitest';
import type { Signal } from '../../shared/peer/signals.ts';
import { RelayGate } from './relay-gate.ts';

const host = 'candidate:1 1 UDP 2114977791 203.0.113.9 9 typ host';
const mapped = 'candidate:3 1 UDP 1114977791 203.0.113.9 9 typ srflx raddr 0.0.0.0 rport 0';
const relayed = (address: string) =>
  `candidate:4 1 UDP 1047807 ${address} 50204 typ relay raddr 0.0.0.0 rport 0`;
const signal = (candidate: string): Signal => ({
  type: 'candidate',
  candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 },
});
const OURS = '198.51.100.7';

let passed: Signal[];
let gate: RelayGate;

beforeEach(() => {
  passed = [];
  gate = new RelayGate((one) => passed.push(one));
});

describe('[HL22] of the other side a relayed connection learns', () => {
  test('what lies at our own relay, and nothing else', () => {
    gate.found(relayed(OURS));
    for (const candidate of [host, mapped, relayed(OURS), relayed('203.0.113.9'), '', 'candidate:1 1 UDP']) {
      gate.hear(signal(candidate));
    }
    expect(passed).toEqual([signal(relayed(OURS))]);
  });

  test('nothing before our own relay is known, and then what waited, in its order', () => {
    gate.found(host);
    gate.hear(signal(relayed('203.0.113.9')));
    gate.hear(signal(`${relayed(OURS)} generation 1`));
    gate.hear(signal(relayed(OURS)));
    expect(passed).toEqual([]);
    gate.found(relayed(OURS));
    gate.found(relayed(OURS));
    expect(passed).toEqual([signal(`${relayed(OURS)} generation 1`), signal(relayed(OURS))]);
  });

  test('no more by a description, whose candidates are judged like all others', () => {
    gate.found(relayed(OURS));
    const lines = ['v=0', `a=${host}`, `a=${relayed(OURS)}`, 'a=mid:0', ''];
    gate.hear({ type: 'offer', sdp: lines.join('\r\n') });
    expect(passed).toEqual([{ type: 'offer', sdp: 'v=0\r\na=mid:0\r\n' }, signal(relayed(OURS))]);
  });
});
