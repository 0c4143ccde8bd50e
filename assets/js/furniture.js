/** Furniture: what layouts/wall.py has put round the map: buttons of views and layers, the banner, the signs. */

import { hide, mark, write } from './painters/rows.js';

/** @typedef {import('./views.js').Views} Views */
/** @typedef {'lost' | 'refused' | 'restored' | 'map' | 'connecting'} Kind */

export class Furniture {
  /** A page without them (a bare map) is good as well. @param {Document} page */
  constructor(page) {
    this.page = page;
    this.root = /** @type {HTMLElement} */ (page.getElementById('wall') ?? page.body);
  }

  /** @param {(view: string) => void} view @param {(layer: string) => void} layer @param {() => void} tour @returns {() => void} undo */
  bind(view, layer, tour) {
    const click = (/** @type {Event} */ event) => {
      const button = /** @type {Element} */ (event.target).closest('.key-view, .key-layer, .sign');
      const data = button instanceof HTMLElement ? button.dataset : {};
      if (data.view) view(data.view);
      else if (data.layer) layer(data.layer);
      else if (button) tour();
    };
    this.root.addEventListener('click', click);
    return () => this.root.removeEventListener('click', click);
  }

  /** The button a key is printed in. @param {string} key */
  press(key) {
    const button = this.root.querySelector(`.key[data-key="${CSS.escape(key.toLowerCase())}"]`);
    if (button instanceof HTMLElement) button.click();
    return Boolean(button);
  }

  /** @param {Views} views */
  show(views) {
    mark(this.root, 'data-view', views.view);
    for (const button of this.buttons('.key-view')) press(button, button.dataset.view === views.view);
    for (const button of this.buttons('.key-layer')) press(button, views.on.has(/** @type {any} */ (button.dataset.layer)));
  }

  /** @param {string} selector */
  buttons(selector) {
    return /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll(selector));
  }

  /** @param {Kind | ''} kind @param {string} text */
  banner(kind, text) {
    mark(this.root, 'data-line', kind === 'lost' || kind === 'refused' ? 'lost' : 'live');
    const banner = this.page.getElementById('banner');
    if (!banner) return;
    write(banner, text);
    mark(banner, 'data-kind', kind);
    hide(banner, !text);
  }

  /** @param {'tour' | 'follow' | 'locked' | 'alarm' | ''} state @param {(key: string) => string} say */
  sign(state, say) {
    for (const name of /** @type {const} */ (['tour', 'locked'])) {
      const sign = this.page.getElementById(`sign-${name}`);
      if (!sign) continue;
      const shown = Boolean(state) && (state === 'locked') === (name === 'locked');
      if (shown) write(sign, say(`sign.${state}`));
      mark(sign, 'data-state', state);
      hide(sign, !shown);
    }
  }
}

/** @param {Element} button @param {boolean} on */
function press(button, on) {
  mark(button, 'aria-pressed', on);
}
