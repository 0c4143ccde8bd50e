/** Attention: what follows from a choice: its ring, its tracks with their times, its panel, and the word to the page. */

import { json } from './geo.js';
import { silent, tell } from './telling.js';
import { timeMarks } from './tracks.js';

/** @typedef {import('./choose.js').Choice} Choice */

const NEAR_METRES = 800;
const NEAR_WORKERS = 40;
const AGAIN_MS = 20_000;
/** So long what was told of another may stand while we wait: a panel that empties for a moment would blink. */
const PATIENCE_MS = 400;

export class Attention {
  /** @param {import('./wall.js').Wall} wall */
  constructor(wall) {
    this.wall = wall;
    this.asking = /** @type {AbortController | null} */ (null);
    this.askedAt = 0;
    this.told = /** @type {Choice | null} */ (null); // whose facts stand in the panel
    this.waiting = 0;
  }

  /** A chosen thing goes on: its tracks and what is known of it are asked for again now and then. @param {number} now */
  again(now) {
    const choice = this.wall.choose?.choice;
    if (choice && now - (this.askedAt ?? 0) > AGAIN_MS) this.askFor(choice);
  }

  /** @param {Choice | null} choice @param {boolean} byHand */
  take(choice, byHand) {
    const { wall } = this;
    if (byHand) wall.tour.touch(performance.now());
    wall.picture?.choice(choice);
    const selected = choice && { kind: choice.kind, row: choice.row, key: choice.key ?? null, district: choice.district ?? null, lon: choice.lon, lat: choice.lat };
    wall.tell({ selected });
    wall.host.dispatchEvent(new CustomEvent('gridhall:selected', { detail: selected, bubbles: true }));
    if (choice) wall.parts.held.add('chosen');
    else wall.parts.held.delete('chosen');
    this.askFor(choice);
  }

  /** @param {Choice | null} choice */
  askFor(choice) {
    this.askedAt = performance.now();
    clearTimeout(this.waiting);
    if (choice && choice !== this.told) this.waiting = window.setTimeout(() => this.unanswered(choice), PATIENCE_MS);
    this.ask(choice).then(
      () => this.answered(choice),
      (error) => {
        if (error.name === 'AbortError') return;
        console.error('chosen', error);
        if (choice) this.unanswered(choice);
      },
    );
  }

  /** @param {Choice | null} choice */
  answered(choice) {
    if (this.wall.choose?.choice !== choice) return;
    clearTimeout(this.waiting);
    this.told = choice;
  }

  /** What is not known is not told, least of all what was known of another. @param {Choice} choice */
  unanswered(choice) {
    if (this.wall.choose?.choice !== choice) return;
    this.told = null;
    silent(this.wall, choice);
  }

  /** Tracks of the chosen worker, or of all who came near the chosen event; then what is known of it.
   * @param {Choice | null} choice */
  async ask(choice) {
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const near = choice && `near=${choice.lon.toFixed(6)},${choice.lat.toFixed(6)}&metres=${NEAR_METRES}&limit=${NEAR_WORKERS}`;
    const query = choice?.kind === 'worker' ? `slot=${choice.row}` : near;
    const wanted = choice && choice.kind !== 'camera';
    const tracks = wanted ? (await json(`/api/v1/tracks?${query}`, signal)).workers : [];
    this.showTracks(tracks);
    await tell(this.wall, choice, tracks, signal);
  }

  /** @param {import('./tracks.js').Track[]} workers */
  showTracks(workers) {
    const { wall } = this;
    wall.picture?.tracks.show(workers);
    if (wall.picture) wall.picture.ink.wanted = true;
    const told = workers.length === 1 ? timeMarks(workers[0]) : workers.slice(0, 6).flatMap((one) => timeMarks(one, 2));
    const write = wall.hourMinute;
    wall.labels?.set('time', write ? told.map(({ at, lon, lat }) => ({ lon, lat, text: write(at), rank: 0, kind: 'time' })) : []);
  }
}
