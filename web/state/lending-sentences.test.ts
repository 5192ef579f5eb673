import { describe, expect, it } from 'vitest';
import type { Lending } from './session.ts';
import { hostsFlaw, lendingSentence, typedHosts } from './lending-sentences.ts';

const lending: Lending = { lends: true, jobs: [], todayBytes: 1_500_000, metered: false };
const job = { url: 'https://files.example/a', bytes: 1, peers: 1 };
const plain = (text: string): string => text.replaceAll(/\s/g, ' ');

describe('[WS43] lending', () => {
  it.each([
    [lending, true, true, /^Lent today: 1\.50 MB\.$/],
    [{ ...lending, jobs: [job] }, true, true, /Fetching a file for others now\.$/],
    [{ ...lending, jobs: [job, job] }, true, true, /Fetching 2 files/],
    [{ ...lending, metered: true }, true, true, /metered.*Nothing is lent/],
    [lending, true, null, /not known.*Nothing is lent/],
    [lending, false, true, /^$/],
    [null, true, true, /^$/],
    [null, false, false, /has not allowed.*“shoal lend”/],
  ])('says how it stands: %j', (of, lends, allowed, said) => {
    expect(plain(lendingSentence(of, lends, allowed))).toMatch(said);
  });

  it.each([
    ['', []],
    ['files.example', ['files.example']],
    [' Files.example,  *.other.example files.example. ', ['files.example', 'other.example']],
    ['https://mirror.example:8443/pub/', ['mirror.example']],
    ['bücher.example', ['xn--bcher-kva.example']],
  ])('hosts are typed as %j', (text, hosts) => {
    expect(typedHosts(text, 100)).toEqual({ kind: 'hosts', hosts });
  });

  it('and what is none is named, and too many are said', () => {
    const none = typedHosts('files.example http://', 100);
    if (none.kind === 'hosts') throw new Error('it is none');
    expect(hostsFlaw(none, 100)).toContain('“http://”');
    const many = typedHosts('a.example b.example', 1);
    if (many.kind === 'hosts') throw new Error('they are too many');
    expect(hostsFlaw(many, 1)).toMatch(/more than 1 hosts/);
  });
});
