/** The place in the page, on an address that a test holds. */
import { describe, expect, it } from 'vitest';
import { BrowserPlace } from './place.svelte.ts';
import { receiveRoute, shareRoute } from './route.ts';
import { idOf } from './transfer.fixture.ts';

const id = idOf('a');

/** An address whose event comes when the test says so. */
function at(hash: string) {
  const replaced: string[] = [];
  const listeners: (() => void)[] = [];
  const location = {
    hash,
    replace: (to: string) => {
      replaced.push(to);
      location.hash = to;
    },
  };
  const addEventListener = (_: string, listener: () => void) => listeners.push(listener);
  const place = new BrowserPlace({ location, addEventListener } as unknown as Window);
  const changeTo = (to: string) => {
    location.hash = to;
    for (const listener of listeners) listener();
  };
  return { place, location, replaced, changeTo };
}

describe('[UI1] where in the page the person is', () => {
  it.each([
    [`${receiveRoute(id)}.`, receiveRoute(id), 'receive'],
    [`#share/${receiveRoute(id).slice(1)}?a=b`, shareRoute(id), 'share'],
    [`#%23${receiveRoute(id).slice(1)}`, receiveRoute(id), 'receive'],
  ])('[LK4] what was around a link goes from the address without a step back: %s', (hash, address, page) => {
    for (const arrive of [() => at(hash), () => goneTo(hash)]) {
      const { place, location, replaced } = arrive();
      expect([place.route, location.hash, replaced]).toEqual([{ page, infoHash: id }, address, [address]]);
    }
  });

  it.each(['', '#/', '#/settings', '#/share/new', '#cut', receiveRoute(id), shareRoute(id)])(
    'the address %j stays as it is',
    (hash) => {
      const { location, replaced } = goneTo(hash);
      expect([location.hash, replaced]).toEqual([hash, []]);
    },
  );

  it('a verb is followed at once, before its event', () => {
    const { place, changeTo } = at('');
    place.go(shareRoute(id));
    expect(place.route).toEqual({ page: 'share', infoHash: id });
    place.replace('#/');
    expect(place.route).toEqual({ page: 'home' });
    changeTo('#/settings');
    expect(place.route).toEqual({ page: 'settings' });
  });

  function goneTo(hash: string) {
    const place = at('#/');
    place.changeTo(hash);
    return place;
  }
});
