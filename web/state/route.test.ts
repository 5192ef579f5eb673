import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { infoHash } from '../../shared/ids.ts';
import { linkFragment } from '../../shared/manifest/link.ts';
import {
  addressOf,
  betterAddress,
  openRoute,
  pageRoute,
  receiveRoute,
  routeOf,
  shareLink,
  shareRoute,
  transferRoute,
} from './route.ts';
import { idOf } from './transfer.fixture.ts';

const id = idOf('7');
const fragment = linkFragment(id);

describe('what stands after #', () => {
  it.each(['', '#', '#/'])('[UI1] takes %j home', (hash) => {
    expect(routeOf(hash)).toEqual({ page: 'home' });
  });

  it('[UI1] tells sharing, receiving and making apart', () => {
    expect(routeOf(shareRoute(id))).toEqual({ page: 'share', infoHash: id });
    expect(routeOf(receiveRoute(id))).toEqual({ page: 'receive', infoHash: id });
    expect([pageRoute('sharing', id), pageRoute('receiving', id)]).toEqual([
      shareRoute(id),
      receiveRoute(id),
    ]);
    expect(routeOf(transferRoute(id))).toEqual({ page: 'transfer', infoHash: id });
    expect(routeOf('#/share/new')).toEqual({ page: 'making' });
    for (const page of ['settings', 'transfers', 'find', 'activity'])
      expect(routeOf(`#/${page}`)).toEqual({ page });
    expect(receiveRoute(id)).toBe(`#${fragment}`);
  });

  it.each([
    [`#${fragment.slice(0, 42)}`, 'short'],
    [`#${fragment.slice(0, 42)}.`, 'short'],
    [`#${fragment}A`, 'long'],
    [`#${fragment}#${linkFragment(idOf('8'))}`, 'several'],
    [`#${fragment.slice(0, 42)}%`, 'alphabet'],
    [`#${fragment.slice(0, 42)}B`, 'not-canonical'],
    [`#/share/${fragment.slice(1)}`, 'short'],
    ['#/share/', 'empty'],
    ['#/nowhere', 'alphabet'],
    ['#/transferred', 'alphabet'],
  ])('[UI1] says why %s is damaged', (hash, why) => {
    expect(routeOf(hash)).toEqual({ page: 'damaged', why });
  });

  it.each([
    [`#${fragment}.`, 'receive'],
    [`#${fragment}?fbclid=abc`, 'receive'],
    [`#${fragment}%20`, 'receive'],
    [`#%23${fragment}`, 'receive'],
    [`#/#${fragment}`, 'receive'],
    [`#/other/${fragment}`, 'receive'],
    [`#/transfers/${fragment}.`, 'transfer'],
    [`#share/${fragment}`, 'share'],
    [`#/share/${fragment})`, 'share'],
    [`#/share/new${fragment.slice(0, 3)} #${fragment}`, 'share'],
  ])('[LK4] [UI1] finds the share in %s', (hash, page) => {
    expect(routeOf(hash)).toEqual({ page, infoHash: id });
  });

  it('[UI1] knows how the address of a share is written', () => {
    for (const address of [shareRoute(id), receiveRoute(id)])
      expect(addressOf(routeOf(address))).toBe(address);
    expect(addressOf(routeOf(`#${fragment}.`))).toBe(receiveRoute(id));
    for (const hash of ['', '#/settings', '#/share/new', '#cut']) expect(addressOf(routeOf(hash))).toBeNull();
  });

  it.each([
    ['https://a.example/', null],
    [`https://a.example/#${fragment}`, null],
    [`https://a.example/drop/?utm=x#${fragment}`, null],
    ['https://a.example/?q=photos%20and%20more', null],
    ['https://a.example/?q=%23photos', null],
    [`https://a.example/?%23${fragment}`, `/#${fragment}`],
    [`https://a.example/drop/?u=x&x=%2523${fragment}.`, `/drop/#${fragment}`],
    [`https://a.example/?%23${fragment}#/`, null],
    [`https://a.example//#${fragment}`, `/#${fragment}`],
    [`https://a.example/drop///?a=b#${fragment}`, `/drop/?a=b#${fragment}`],
    ['https://a.example//evil.example//', '/evil.example/'],
  ])('[LK6] %s is opened anew at %j', (address, better) => {
    expect(betterAddress(new URL(address))).toBe(better);
  });

  it.each([
    fragment,
    `https://share.example/drop/#${fragment}`,
    `  #${fragment}\n`,
    `web+shoal:${fragment}`,
    `web+shoal://${fragment}/`,
    `WEB+SHOAL:#${fragment}`,
  ])('[AP2] opens the link that was handed over as a text: %j', (text) => {
    expect(routeOf(openRoute(text))).toEqual({ page: 'receive', infoHash: id });
    // A browser that puts it there as it is.
    expect(routeOf(`#/open/${text}`)).toEqual({ page: 'receive', infoHash: id });
  });

  it.each(['magnet:?xt=urn:sha256:1&dn=a%20b', 'web+shoal:', '', 'holiday.torrentinno', '100 %'])(
    '[AP2] says of %j what it would say of a typed text',
    (text) => {
      expect(routeOf(openRoute(text))).toMatchObject({ page: 'damaged', typed: text });
    },
  );

  it('[AP2] takes what is not encoded as it is', () => {
    expect(routeOf('#/open/100%')).toMatchObject({ page: 'damaged', typed: '100%' });
  });

  it('[AP3] leads to what another app handed over', () => {
    expect(routeOf('#/received')).toEqual({ page: 'received' });
  });

  it('[UI1] has a page for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(routeOf(`#${text}`).page).toBeTypeOf('string');
        expect(routeOf(`#/open/${text}`).page).toBeTypeOf('string');
      }),
    );
  });

  it('[UI1] makes the link of the page’s address without its query, and opens it again', () => {
    const link = shareLink({ origin: 'https://example.org', pathname: '/shoal/' }, id);
    expect(link).toBe(`https://example.org/shoal/#${fragment}`);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const any = infoHash([...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(''))!;
        const url = new URL(shareLink({ origin: 'http://localhost:8000', pathname: '/' }, any));
        expect(routeOf(url.hash)).toEqual({ page: 'receive', infoHash: any });
      }),
    );
  });
});
