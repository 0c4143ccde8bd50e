/** Wall: one mounted map: city, frames, layers, keys and signs meet here. */

import { Attention } from './attention.js';
import { Camera } from './camera.js';
import { Cameras } from './cameras.js';
import { Choose } from './choose.js';
import { candidates, inTurn } from './candidates.js';
import { Crowd } from './crowd.js';
import { doors } from './doors.js';
import { Events } from './events.js';
import { Follow } from './follow.js';
import { Furniture } from './furniture.js';
import { unbundle } from './frame.js';
import { boundsOf, fetchGeo, gridCount } from './geo.js';
import { Grids } from './grids.js';
import { HallClock } from './hallclock.js';
import { hotPlaces } from './hot.js';
import { Heal, mendContext } from './heal.js';
import { Heat } from './heat.js';
import { Labels } from './labels.js';
import { Live } from './live.js';
import { createMap } from './map.js';
import { setClock } from './painters/index.js';
import { Parts } from './parts.js';
import { Picture } from './picture.js';
import { planeY } from './plane.js';
import { rendererName, tier } from './quality.js';
import { Sequence } from './sequence.js';
import { theme } from './theme.js';
import { Tour } from './tour.js';
import { Turning } from './turning.js';
import { Veil } from './veil.js';
import { Views } from './views.js';
import { hourMinute, words } from './words.js';

/** @typedef {{area: string, view: string, lang: string, theme: string, alone: boolean, tour: boolean}} Options */

const HOTTEST = 6;
const APART_METRES = 3000;

export class Wall {
  /** @param {HTMLElement} host @param {Options} options @param {(props: Record<string, any>) => void} tell */
  constructor(host, options, tell) {
    this.host = host;
    this.options = options;
    this.tell = tell;
    this.say = words(document);
    this.theme = theme(options.theme);
    host.style.setProperty('--map-halo', this.theme.halo);
    this.clock = new HallClock();
    this.sequence = new Sequence();
    this.parts = new Parts(this.say);
    this.attention = new Attention(this);
    this.turning = new Turning(this);
    this.updates = 0;
    this.spent = 0;
    this.dropped = 0;
    this.area = 0;
    this.camera = new Camera(this);
    this.views = new Views(options.view, () => this.viewChanged());
    this.tour = new Tour(options.tour, (place) => this.fly(place));
    this.follow = new Follow(this);
    this.tour.following = this.views.view === 'events';
    this.furniture = new Furniture(document);
    this.furniture.show(this.views);
    this.unbind = this.furniture.bind((view) => this.show(view), (layer) => this.views.toggle(layer), () => this.tour.toggle(performance.now()));
    this.heal = new Heal(this.furniture, this.say, () => this.live.again());
    const { area, view, lang, theme: light, alone } = options;
    this.live = new Live({ area, view, lang, theme: light, alone }, {
      watched: (answer) => void this.watched(answer),
      frame: (bytes) => this.frame(bytes),
      parts: (message) => this.turning.take(message),
      connected: (up) => this.heal.connected(up),
      refused: (why) => { this.heal.refused = why; },
    });
    this.onKey = (/** @type {KeyboardEvent} */ event) => this.key(event);
    addEventListener('keydown', this.onKey);
    this.tabbed = false; // came by Tab to where it is: a button that was clicked leaves the space bar to the tour
    this.onPointer = () => { this.tabbed = false; };
    addEventListener('pointerdown', this.onPointer);
    this.undoors = doors(document, options.theme);
    this.closed = false;
  }

  /** @param {import('./live.js').Watched} answer */
  async watched(answer) {
    this.heal.refused = answer.ok ? '' : (answer.why ?? '?');
    if (!answer.ok) return;
    this.heal.allowed = true;
    setClock(answer.clock);
    this.clock.setSpeed(answer.clock.speed || 1);
    this.sequence.forget();
    if (this.geo?.version === answer.city.version) return;
    try {
      await this.build(answer.city.version);
    } catch (error) {
      console.error('the city could not be read', error);
      setTimeout(() => this.closed || this.live.watch(), 2000);
    }
  }

  /** A city (or a new version of it): map, layers and lists anew; the view stays if there was one.
   * @param {string} version */
  async build(version) {
    const card = renderer();
    this.heal.noMap = !card; // numbers and panels live without it
    if (!card) return;
    const geo = await fetchGeo(version);
    if (this.closed) return;
    const before = this.camera.place;
    this.unbuild();
    this.geo = geo;
    this.city = parseInt(version.slice(0, 8), 16);
    const { city } = geo;
    this.area = Math.max(0, city.areas.findIndex((area) => area.id === this.options.area));
    this.origin = /** @type {[number, number]} */ ([(city.bounds[0] + city.bounds[2]) / 2, planeY((city.bounds[1] + city.bounds[3]) / 2)]);
    this.hourMinute = hourMinute(city.zone);
    this.crowd = new Crowd(geo.grid.length, this.origin);
    this.events = new Events();
    this.cameras = new Cameras(geo.cameras.lon, geo.cameras.lat);
    this.heat = new Heat(city.cell_size, city.heat_half_life);
    this.map = createMap(this.host, this.theme, version, boundsOf(city, this.area), tier(card));
    this.camera.begin(before);
    this.grids = new Grids(this.map, gridCount(geo));
    this.picture = new Picture(this, this.map);
    this.picture.ink.wake = () => this.turning.wake();
    this.turning.wake();
    this.veil = this.area > 0 ? new Veil(this.map, this.theme) : null;
    this.veil?.load(version, this.area).then(() => this.camera.settle(), (error) => console.error('veil', error));
    this.labels = new Labels(this.map, city.areas);
    this.choose = new Choose({
      map: this.map,
      candidates: () => candidates(this),
      hot: () => inTurn(this),
      chosen: (choice, byHand) => this.attention.take(choice, byHand),
      show: (choice) => this.fly(choice, 13.5),
    });
    this.attend(this.map);
    this.live.ask();
    this.sequence.forget();
  }

  /** @param {import('maplibre-gl').Map} map */
  attend(map) {
    map.on('style.load', () => this.viewChanged()); // before the first picture, which a slow machine looks at for long
    map.on('load', () => this.events && this.grids?.count(this.events) && map.triggerRepaint());
    map.on('error', (event) => console.error('map', event.error?.message));
    map.on('resize', () => {
      this.picture?.ink.resize();
      this.labels?.remeasure();
      this.camera.settleLater();
    });
    for (const act of /** @type {const} */ (['mousedown', 'touchstart', 'wheel'])) {
      map.getCanvasContainer().addEventListener(act, () => this.tour.touch(performance.now()), { passive: true });
    }
    mendContext(map, this.heal, () => (this.viewChanged(), this.grids?.repaint() && map.triggerRepaint()));
  }

  /** @param {ArrayBuffer} bytes */
  frame(bytes) {
    if (!this.crowd) return this.live.drawn(); // no ground to stand on yet: the whole picture is asked for later
    const began = performance.now();
    for (const frame of unbundle(bytes)) this.take(frame, began);
    if (this.picture) this.picture.ink.wanted = true;
    this.updates++;
    this.spent += performance.now() - began;
  }

  /** @param {import('./frame.js').Frame} frame @param {number} page ms */
  take(frame, page) {
    if (frame.city !== this.city) return this.otherCity(page);
    const verdict = this.sequence.judge(frame);
    if (verdict === 'ask') return this.live.ask();
    if (verdict === 'drop') return void this.dropped++;
    this.clock.meet(frame.now, page);
    this.crowd?.apply(frame, page / 1000);
    this.events?.apply(frame);
    this.cameras?.apply(frame);
    this.heat?.apply(frame);
  }

  /** The hall has another city by now: ask which, and fetch it. @param {number} page ms */
  otherCity(page) {
    if (page - (this.wondered ?? -Infinity) < 2000) return;
    this.wondered = page;
    this.live.watch();
  }

  /** A few times a second: the line, the signs and the pulses. @param {number} now page ms */
  eachBeat(now) {
    this.heal.turn(now, this.live.heard);
    this.tour.turn(now);
    const state = this.tour.state(now);
    this.follow.turn(now, state === 'follow');
    this.furniture.sign(state, this.say);
    if (!this.picture || !this.clock.known) return;
    this.picture.pulse(now / 1000);
    if (this.picture.ink.due(now) < Infinity) this.turning.wake();
  }

  /** @param {number} now */
  eachSecond(now) {
    const hall = this.clock.seconds(now);
    this.picture?.redraw(hall);
    this.heat?.rest(hall);
    this.attention.again(now);
    if (this.tour.active && this.heat && this.geo) this.tour.places = hotPlaces(this.heat.warm(hall), this.heat.size, HOTTEST, APART_METRES);
    if (this.events) this.grids?.shade(this.events, now);
  }

  viewChanged() {
    this.furniture.show(this.views);
    this.picture?.show(this.views);
    if (this.map?.getLayer('grids')) this.map.setPaintProperty('grids', 'fill-opacity', this.views.gridStrength);
  }

  /** Another view of the same scope, asked by the page or a key. @param {string} view */
  show(view) {
    if (view === this.views.view) return;
    this.follow.leave();
    this.views.show(view);
    if (this.choose) this.choose.at = -1; // another list
    this.tour.following = view === 'events';
    this.live.watch({ view });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(input|textarea|select)$/i.test(/** @type {Element} */ (event.target)?.tagName ?? '')) return;
    if (event.key === 'Tab') this.tabbed = true;
    if (event.key === ' ' && this.tabbed && event.target instanceof HTMLButtonElement) return; // the browser presses it
    const ours = this.choose?.key(event) || this.command(event.key) || this.furniture.press(event.key);
    if (ours) event.preventDefault();
  }

  /** @param {string} key */
  command(key) {
    const acts = /** @type {Record<string, () => void>} */ ({
      ' ': () => this.tour.toggle(performance.now()),
      0: () => this.fly(null),
      '+': () => this.map?.zoomIn(),
      '-': () => this.map?.zoomOut(),
    });
    acts[key]?.();
    return key in acts;
  }

  /** @param {{lon: number, lat: number} | null} place @param {number} [near] zoom, if the map is farther away */
  fly(place, near = 12.5) {
    this.camera.fly(place, near);
  }

  unbuild() {
    this.camera.rest();
    this.picture?.remove();
    this.labels?.box.remove();
    this.veil?.remove();
    this.veil = null;
    this.map?.remove();
  }

  close() {
    this.closed = true;
    this.turning.close();
    removeEventListener('keydown', this.onKey);
    removeEventListener('pointerdown', this.onPointer);
    this.attention.asking?.abort();
    this.live.close();
    this.unbind();
    this.undoors();
    this.unbuild();
    this.host.replaceChildren();
  }
}

function renderer() {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return '';
  const name = rendererName(gl);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return name;
}
