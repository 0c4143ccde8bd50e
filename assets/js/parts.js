/** Parts: hands each panel what is in it, by the painter of its name. */

import { PAINTERS } from './painters/index.js';

/** @typedef {{now: number, area: string, view: string, parts: Record<string, any>}} PartsMessage */

export class Parts {
  /** @param {import('./words.js').Say} say */
  constructor(say) {
    this.say = say;
    /** @type {Record<string, any>} */
    this.last = {};
    this.broken = 0;
    /** @type {Set<string>} panels that show something of their own just now */
    this.held = new Set();
  }

  /** Panels that are hidden or gone are passed over; one that breaks goes grey, the wall stays lit.
   * @param {PartsMessage} message */
  show(message) {
    for (const [name, payload] of Object.entries(message.parts)) {
      this.last[name] = payload;
      if (!this.held.has(name)) this.draw(name, payload);
    }
  }

  /** @param {string} name @param {any} payload */
  draw(name, payload) {
    const part = document.getElementById(`part-${name}`);
    const paint = PAINTERS[name];
    if (!part || !paint) return;
    try {
      paint(part, payload, this.say);
    } catch (error) {
      this.broken++;
      console.error(`panel ${name}`, error);
    }
  }
}
