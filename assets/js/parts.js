/** Parts: hands each panel what is in it: figures to Plotly, the rest to the painter of the same name. */

import { PAINTERS } from './painters/index.js';

/** @typedef {{now: number, area: string, view: string, parts: Record<string, any>}} PartsMessage */

export class Parts {
  /** @param {import('./words.js').Say} say */
  constructor(say) {
    this.say = say;
    /** @type {Record<string, any>} */
    this.last = {};
    this.broken = 0;
  }

  /** Panels that are hidden or gone are passed over; one that breaks goes grey, the wall stays lit.
   * @param {PartsMessage} message */
  show(message) {
    for (const [name, payload] of Object.entries(message.parts)) {
      this.last[name] = payload;
      this.draw(name, payload);
    }
  }

  /** All again, after the page was put together anew. */
  again() {
    for (const [name, payload] of Object.entries(this.last)) this.draw(name, payload);
  }

  /** @param {string} name @param {any} payload */
  draw(name, payload) {
    const part = document.getElementById(`part-${name}`);
    if (!part) return;
    const panel = document.getElementById(`panel-${name}`);
    try {
      this.paint(name, part, payload);
      panel?.classList.remove('loading');
      panel?.classList.toggle('broken', Boolean(payload?.broken));
    } catch (error) {
      this.broken++;
      panel?.classList.add('broken');
      console.error(`panel ${name}`, error);
    }
  }

  /** @param {string} name @param {HTMLElement} part @param {any} payload */
  paint(name, part, payload) {
    const paint = /** @type {Record<string, (element: HTMLElement, payload: any, say: any) => void>} */ (PAINTERS)[name];
    if (paint) paint(part, payload, this.say);
    else if (payload && payload.figure) /** @type {any} */ (window).dash_clientside.set_props(`part-${name}`, { figure: payload.figure });
  }
}
