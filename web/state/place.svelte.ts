/** Where in the page the person is: the route of the address's fragment, followed by `hashchange` ([UI1]). */
import { isOpened, receiveRoute, routeOf, type Route } from './route.ts';
import type { Place } from './session.ts';

export class BrowserPlace implements Place {
  route = $state.raw<Route>({ page: 'home' });
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
    window.addEventListener('hashchange', () => this.#follow());
    this.#follow();
  }

  get host(): string {
    return this.#window.location.hostname;
  }

  /** The address leaves the usual port of its scheme out. */
  get port(): string {
    const { port, protocol } = this.#window.location;
    return port || (protocol === 'https:' ? '443' : '80');
  }

  go(fragment: string): void {
    this.#window.location.hash = fragment;
    // The event comes later: until then a view would still show the page that was left.
    this.route = routeOf(fragment);
    this.#follow();
  }

  replace(fragment: string): void {
    this.#window.location.replace(fragment);
    this.route = routeOf(fragment);
    this.#follow();
  }

  /** At once where we moved ourselves: the event comes later, and a view of the old route would act meanwhile. */
  #follow(): void {
    const { hash } = this.#window.location;
    const route = routeOf(hash);
    this.route = route;
    // [AP2] A link that came as a text is a link from here on.
    if (isOpened(hash) && route.page === 'receive')
      this.#window.location.replace(receiveRoute(route.infoHash));
  }
}
