/** Live: one socket; watches a scope, takes its frames, and says which it has drawn. */

import { io } from 'socket.io-client';
import * as parser from 'socket.io-msgpack-parser';

/** @typedef {{area: string, view: string, lang: string, theme: string, alone: boolean}} Scope */
/** @typedef {{ok: boolean, why?: string, area: string, now: number, clock: {hall_ms: number, wall_ms: number, speed: number},
 *   city: {version: string}, districts: number[]}} Watched */
/** @typedef {{watched: (answer: Watched) => void, frame: (bytes: ArrayBuffer) => void, parts: (message: any) => void,
 *   connected: (up: boolean) => void, refused?: (why: string) => void}} Listener */

const ASK_MS = 1000;
/** What was drawn is told after so many frames, or so many milliseconds. */
const TELL_FRAMES = 8;
const TELL_MS = 1900;
/** How often one that was turned away asks again, and how often one that hangs has its cookie renewed. */
const AGAIN_MS = 10_000;
const RENEW_MS = 3_600_000;
const LETTERS = new TextDecoder();

export class Live {
  /** @param {Scope} scope @param {Listener} listener */
  constructor(scope, listener) {
    this.scope = scope;
    this.listener = listener;
    this.told = 0; // how many frames had come when it was last said what is drawn, and when that was
    this.toldAt = -Infinity;
    this.undrawn = 0; // number of the newest frame taken and not yet drawn
    this.asked = -Infinity;
    this.heard = performance.now();
    this.frames = 0;
    this.bytes = 0;
    this.joins = 0;
    this.socket = io({ transports: ['websocket'], query: { lang: scope.lang }, parser, reconnectionDelay: 250, reconnectionDelayMax: 2000, randomizationFactor: 0.4, timeout: 4000 });
    this.socket.on('connect', () => this.watch());
    this.socket.on('disconnect', (reason) => this.lost(reason));
    this.socket.on('connect_error', (error) => this.turnedAway(error));
    this.socket.on('frame', (n, bytes) => this.take(n, bytes));
    this.socket.on('parts', (said) => listener.parts(JSON.parse(LETTERS.decode(said))));
    this.online = () => this.again();
    this.offline = () => listener.connected(false);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.later = undefined;
    this.renewal = setInterval(() => fetch('/api/v1/me').catch(() => undefined), RENEW_MS);
    addEventListener('online', this.online);
    addEventListener('offline', this.offline);
  }

  /** The hall has closed the line: it says why when it is asked again. @param {string} reason */
  lost(reason) {
    this.listener.connected(false);
    if (reason === 'io server disconnect') this.socket.connect();
  }

  /** Nobody there, or somebody who says no and why. @param {Error} error */
  turnedAway(error) {
    this.listener.connected(false);
    if (this.socket.active) return;
    this.listener.refused?.(error.message);
    clearTimeout(this.later);
    this.later = setTimeout(() => this.socket.connect(), AGAIN_MS);
  }

  /** @param {Partial<Scope>} [change] */
  watch(change = {}) {
    Object.assign(this.scope, change);
    if (!this.socket.connected) return;
    this.socket.timeout(5000).emit('watch', this.scope, (/** @type {Error | null} */ error, /** @type {Watched} */ answer) => {
      if (error) return this.again();
      this.joins++;
      this.heard = performance.now();
      this.listener.connected(true);
      this.listener.watched(answer);
    });
  }

  /** @param {number} n @param {ArrayBuffer} bytes */
  take(n, bytes) {
    this.heard = performance.now();
    this.frames++;
    this.bytes += bytes.byteLength;
    this.undrawn = n;
    this.listener.frame(bytes);
  }

  /** What was taken stands on the screen now. A word every other second is enough to tell who keeps up. */
  drawn() {
    const now = performance.now();
    if (!this.undrawn || (this.frames - this.told < TELL_FRAMES && now - this.toldAt < TELL_MS)) return;
    this.told = this.frames;
    this.toldAt = now;
    this.socket.emit('drawn', this.undrawn);
    this.undrawn = 0;
  }

  /** Something is missing: show me everything, but do not say so ten times. */
  ask() {
    if (performance.now() - this.asked < ASK_MS) return;
    this.asked = performance.now();
    this.socket.emit('ask');
  }

  /** Drop the line and take it up at once: what a socket that died in silence needs. */
  again() {
    this.heard = performance.now();
    this.socket.disconnect().connect();
  }

  close() {
    clearInterval(this.renewal);
    clearTimeout(this.later);
    removeEventListener('online', this.online);
    removeEventListener('offline', this.offline);
    this.socket.removeAllListeners();
    this.socket.disconnect();
  }
}
