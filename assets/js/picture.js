/** Picture: the layers of ink over the map, what each view shows of them, and what is drawn anew each second. */

import { band } from './events.js';
import { HeatLayer } from './heat.js';
import { Ink } from './ink.js';
import { Marks, Pulses, SHAPES } from './marks.js';
import { Moving } from './moving.js';
import { latitude, pixelsPerDegree, planeY } from './plane.js';
import { calling, outside, redSigns } from './reds.js';
import { rgb } from './theme.js';
import { Tracks } from './tracks.js';
import { Unvisited } from './unvisited.js';

/** Signs of a camera's state: shape, size; by index of STATES. Those that work are smallest. */
const CAMERA_SIGNS = [
  [SHAPES.dotted, 2.6], [SHAPES.square, 1.8], [SHAPES.hollow, 3], [SHAPES.half, 3], [SHAPES.hollow, 3], [SHAPES.dotted, 2],
];
const DISABLED = 5;
const ONLINE = 1;
const BAND_SHAPE = { due: SHAPES.disc, soon: SHAPES.disc, overdue: SHAPES.striped, long_open: SHAPES.diamond };

/** @typedef {import('./wall.js').Wall} Wall */

export class Picture {
  /** @param {Wall} wall @param {import('maplibre-gl').Map} map */
  constructor(wall, map) {
    this.wall = wall;
    const { theme } = wall;
    const origin = /** @type {[number, number]} */ (wall.origin);
    const settings = wall.geo?.city.settings ?? {};
    const halo = rgb(theme.halo);
    this.origin = origin;
    this.ink = new Ink(map, origin, (page) => wall.clock.seconds(page));
    this.heat = new HeatLayer(/** @type {import('./heat.js').Heat} */ (wall.heat), origin, theme);
    this.tracks = new Tracks(origin, theme);
    this.unvisited = new Unvisited(/** @type {import('./heat.js').Heat} */ (wall.heat).size, origin, theme);
    this.cameras = new Marks(halo);
    this.events = new Marks(halo);
    this.chosen = new Marks(halo);
    this.pulses = new Pulses(halo);
    const limits = { fresh: settings.fresh_seconds, ageing: settings.ageing_seconds, old: settings.old_seconds };
    this.moving = new Moving(/** @type {import('./crowd.js').Crowd} */ (wall.crowd), theme, limits);
    for (const layer of [this.unvisited.layer, this.heat, this.cameras, this.tracks, this.moving, this.events, this.pulses, this.chosen]) this.ink.add(layer);
    this.show(wall.views);
  }

  /** @param {import('./views.js').Views} views */
  show(views) {
    this.heat.shown = views.on.has('heat');
    this.unvisited.layer.shown = views.on.has('unvisited');
    this.cameras.shown = views.on.has('cameras');
    this.events.shown = views.on.has('events');
    this.tracks.shown = views.on.has('tracks');
    this.moving.shown = views.on.has('workers');
    this.moving.view = views.view;
    this.pulses.shown = views.view !== 'patrol';
    if (this.wall.clock.known) this.redraw(this.wall.clock.seconds(performance.now()));
    this.ink.wanted = true;
  }

  /** @param {number} page seconds */
  pulse(page) {
    for (const event of this.wall.events?.news() ?? []) {
      const [x, y] = this.spot(event.lon, event.lat);
      const until = this.pulses.ring(x, y, page, rgb(this.wall.theme.text));
      this.ink.until = Math.max(this.ink.until, until);
    }
    const { crowd } = this.wall;
    if (crowd && this.moving.shown) this.ink.until = Math.max(this.ink.until, crowd.moving);
  }

  /** Each second: what ages. @param {number} now hall seconds */
  redraw(now) {
    if (this.heat.shown) this.heat.turn(now);
    if (this.cameras.shown) this.drawCameras(now);
    if (this.events.shown) this.drawEvents(now);
    this.drawReds(now);
    const address = this.wall.parts.last.unvisited?.cells;
    this.unvisited.turn(address, performance.now()).catch((error) => console.error('unvisited', error));
    this.choice(this.wall.choose?.choice ?? null);
    this.ink.wanted = true;
  }

  /** @param {number} now */
  drawCameras(now) {
    const { cameras, theme, views, geo } = this.wall;
    if (!cameras || !geo) return;
    const limits = { off: geo.city.settings.camera_off_seconds, unknown: geo.city.settings.camera_unknown_minutes * 60 };
    const all = views.view !== 'overview' || this.ink.map.getZoom() > 12;
    this.cameras.clear();
    for (let slot = 0; slot < cameras.state.length; slot++) {
      const state = cameras.effective(slot, now, limits);
      if (state === DISABLED || (state === ONLINE && !all)) continue;
      const [shape, size] = CAMERA_SIGNS[state];
      const [x, y] = this.spot(cameras.lon[slot], cameras.lat[slot]);
      this.cameras.add(x, y, size, shape, rgb(theme.camera), state ? 0.9 : 0.4);
    }
  }

  /** @param {number} now */
  drawEvents(now) {
    const { events, theme, geo } = this.wall;
    if (!events || !geo) return;
    const limits = /** @type {{soon_minutes: number, long_open_hours: number}} */ (/** @type {unknown} */ (geo.city.settings));
    const near = Math.min(2.6, Math.max(1, (this.ink.map.getZoom() - 8) / 2.5));
    this.events.clear();
    if (this.ink.map.getZoom() < 9.5) return; // a whole prefecture: the heat speaks for them
    for (const event of events.open.values()) {
      if (!event.placed) continue;
      const age = band(event, now, limits);
      const quiet = age === 'due';
      const [x, y] = this.spot(event.lon, event.lat);
      this.events.add(x, y, (quiet ? 2 : 3.2) * near, BAND_SHAPE[age], rgb(theme[age]), quiet ? 0.7 : 0.95);
    }
  }

  /** Who is out of grid, in the patrol view; whoever calls for help, in every view. @param {number} now */
  drawReds(now) {
    const { crowd, labels, views, tour, say } = this.wall;
    if (!crowd || !labels) return;
    const page = performance.now() / 1000;
    const cell = ((this.ink.height ?? 1080) * 0.07) / pixelsPerDegree(this.ink.map.getZoom());
    const out = views.view === 'patrol' && this.moving.shown ? outside(crowd, now, this.moving.limits.ageing) : [];
    const reds = redSigns(crowd, out, page, cell);
    for (const kind of ['cluster', 'stray']) labels.set(kind, reds.filter((sign) => sign.kind === kind));
    const calls = calling(crowd, now, this.moving.limits.old);
    if (calls.length && !tour.alarm) this.answer(calls[0]);
    tour.alarm = calls.length > 0;
    if (calls.length) this.ink.until = Math.max(this.ink.until, page + 1);
    const signs = redSigns(crowd, calls, page, cell).map((sign) => ({ ...sign, kind: 'sos', text: `▲ ${say('legend.sos')}${sign.text.slice(1)}` }));
    labels.set('sos', signs);
  }

  /** A tour that stops for an alarm stops where the alarm is. @param {number} slot of who calls */
  answer(slot) {
    const { crowd, tour } = this.wall;
    if (!crowd || !['tour', 'follow'].includes(tour.state(performance.now()))) return;
    const [x, y] = crowd.seen(slot, performance.now() / 1000);
    this.wall.fly({ lon: x + crowd.origin[0], lat: latitude(y + crowd.origin[1]) });
  }

  /** A ring round the chosen thing; it walks with a worker. @param {import('./choose.js').Choice | null} choice */
  choice(choice) {
    this.chosen.clear();
    if (!choice) return;
    const { crowd } = this.wall;
    const walking = choice.kind === 'worker' && crowd && crowd.at[choice.row];
    const [x, y] = walking ? crowd.seen(choice.row, performance.now() / 1000) : this.spot(choice.lon, choice.lat);
    this.chosen.add(x, y, 14, SHAPES.ring, rgb(this.wall.theme.accent), 1);
    this.ink.wanted = true;
  }

  /** @param {number} lon @param {number} lat @returns {[number, number]} */
  spot(lon, lat) {
    return [lon - this.origin[0], planeY(lat) - this.origin[1]];
  }

  remove() {
    this.ink.remove();
  }
}
