/** Parts: hands each panel what is in it, by the painter of its name. */

import { PAINTERS } from './painters/index.js';
import { broken } from './painters/rows.js';

/** @typedef {{now: number, area: string, view: string, parts: Record<string, any>}} PartsMessage */

export class Parts {
  /** @param {import('./words.js').Say} say */
  constructor(say) {
    this.say = say;
    /** @type {Record<string, any>} */
    this.last = {};
    this.broken = 0;
    /** @type {Set<string>} panels that could not be drawn */
    this.failed = new Set();
    /** @type {Set<string>} panels that show something of their own just now */
    this.held = new Set();
  }

  /** Panels that are hidden or gone are passed over; one that breaks goes grey, the wall stays lit.
   * @param {PartsMessage} message */
  show(message) {
    Object.assign(this.last, message.parts);
    // What is sent once and could not be drawn is tried again with the next word: it may be long until it changes.
    for (const name of new Set([...Object.keys(message.parts), ...this.failed])) {
      if (!this.held.has(name)) this.draw(name, this.last[name]);
    }
  }

  /** @param {string} name @param {any} payload */
  draw(name, payload) {
    const part = document.getElementById(`part-${name}`);
    const paint = PAINTERS[name];
    if (!part || !paint) return;
    try {
      paint(part, payload, this.say);
      this.failed.delete(name);
    } catch (error) {
      this.broken++;
      if (!this.failed.has(name)) console.error(`panel ${name}`, error);
      this.failed.add(name);
      broken(part, this.say('state.broken', { name: this.say(`panel.${name}`) }));
    }
  }
}
