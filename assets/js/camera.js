/** Camera: where the map of a wall looks: at its whole area between the panels, or at a place in it. */

import { boundsOf } from './geo.js';
import { padding } from './map.js';

/** @typedef {import('./wall.js').Wall} Wall */
/** A window that is being drawn larger settles first. */
const SETTLED_MS = 200;
const FLIGHT_MS = 2500;

export class Camera {
  /** @param {Wall} wall */
  constructor(wall) {
    this.wall = wall;
    /** @type {import('maplibre-gl').JumpToOptions | undefined} where the whole area is seen */
    this.fitted = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.settling = undefined;
  }

  /** The whole area, or a place in it. @param {{lon: number, lat: number} | null} place @param {number} near zoom, if the map is farther away */
  fly(place, near) {
    const { map, picture, host } = this.wall;
    if (!map) return;
    const duration = picture?.ink.tier.ease ? FLIGHT_MS : 0;
    if (!place) this.fit(duration);
    else map.easeTo({ center: [place.lon, place.lat], zoom: Math.max(near, map.getZoom()), padding: padding(host), duration, essential: true });
  }

  /** The whole area between the panels. The room they take is the map's own from the first picture on, and is always said
   * anew: what a flight to a place has left in the map is not to be added to. @param {number} duration ms */
  fit(duration) {
    const { map, geo, veil, area, host } = this.wall;
    if (!map || !geo) return;
    const camera = map.cameraForBounds(veil?.bounds ?? boundsOf(geo.city, area), { padding: padding(host), absolutePadding: true });
    if (!camera) return;
    this.fitted = camera;
    map.flyTo({ ...camera, duration, essential: true });
  }

  /** Nobody has taken the map away from its area. */
  get whole() {
    const { map } = this.wall;
    if (!map || !this.fitted) return true;
    const { center, zoom = 0 } = this.fitted;
    const at = map.project(/** @type {import('maplibre-gl').LngLat} */ (center)).dist(map.project(map.getCenter()));
    return at < 1 && Math.abs(zoom - map.getZoom()) < 0.01;
  }

  /** What is to be seen again on the next map; nothing where that is the whole area. */
  get place() {
    const { map } = this.wall;
    return this.whole || !map ? null : { center: map.getCenter(), zoom: map.getZoom() };
  }

  /** A new map looks where the last one did. @param {Camera['place']} place */
  begin(place) {
    if (place) this.wall.map?.jumpTo({ ...place, padding: padding(this.wall.host) });
    else this.fit(0);
  }

  settleLater() {
    clearTimeout(this.settling);
    if (!this.wall.closed) this.settling = setTimeout(() => this.settle(), SETTLED_MS);
  }

  /** The window has another size, or the outline is known: the area fits; who has gone elsewhere keeps the place in the middle. */
  settle() {
    const { map, host, closed } = this.wall;
    if (closed || !map) return;
    if (map.isMoving()) this.settleLater(); // it arrives first
    else if (this.whole) this.fit(0);
    else map.jumpTo({ padding: padding(host) });
  }

  rest() {
    clearTimeout(this.settling);
  }
}
