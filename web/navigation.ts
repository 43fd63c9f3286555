import { type ReadonlySignal, signal } from '@preact/signals';
import { parseRoute, pathOf, type Route } from './route.ts';

/** Client-side routing: changes the page and the address bar without loading a document. */
export class Navigation {
  readonly #window: Window;
  readonly #route;
  #hasMoved = false;

  constructor(window: Window) {
    this.#window = window;
    this.#route = signal(parseRoute(window.location.pathname));
    window.addEventListener('popstate', () => this.#moveTo(parseRoute(window.location.pathname)));
  }

  get route(): ReadonlySignal<Route> {
    return this.#route;
  }

  /** False until the first change of page; until then focus stays where the browser put it. */
  get hasMoved(): boolean {
    return this.#hasMoved;
  }

  go(route: Route): void {
    this.#window.history.pushState(null, '', pathOf(route));
    this.#moveTo(route);
  }

  #moveTo(route: Route): void {
    this.#hasMoved = true;
    this.#route.value = route;
  }
}
