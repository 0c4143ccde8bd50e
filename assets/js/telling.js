/** Telling: what the chosen panel says: of a worker by the API, of events and cameras by what the frames said. */

import { STATES } from './cameras.js';
import { band } from './events.js';
import { json } from './geo.js';
import { facts, PAINTERS } from './painters/index.js';

const STEPS = ['reported', 'dispatched', 'handled', 'verified', 'archived', 'appraised'];
const LEVELS = ['community', 'street', 'district'];

/** @typedef {import('./wall.js').Wall} Wall @typedef {import('./choose.js').Choice} Choice */

/** @param {Wall} wall @param {Choice | null} choice @param {import('./tracks.js').Track[]} tracks @param {AbortSignal} [signal] */
export async function tell(wall, choice, tracks, signal) {
  const workerId = choice?.kind === 'worker' ? tracks[0]?.worker_id : '';
  const part = document.getElementById('part-chosen');
  if (!part || (choice?.kind === 'worker' && !workerId)) return;
  if (!choice) return PAINTERS.chosen(part, wall.parts.last.chosen ?? {}, wall.say);
  const data = choice.kind === 'worker' ? await json(`/api/v1/workers/${encodeURIComponent(workerId)}`, signal) : { ...KINDS[choice.kind](wall, choice), near: choice.kind === 'event' ? tracks.length : undefined };
  if (wall.choose?.choice === choice) PAINTERS.chosen(part, facts(choice.kind, data, wall.say), wall.say);
}

const KINDS = { event, camera };

/** @param {Wall} wall @param {Choice} choice */
function event(wall, choice) {
  const found = [...(wall.events?.open.values() ?? [])].find((one) => one.key === choice.key && one.district === choice.district);
  const city = wall.geo?.city;
  if (!found || !city) return { now: now(wall) };
  const kind = city.classes[found.classRow];
  return {
    now: now(wall),
    class_name: (wall.options.lang === 'en' && kind?.name_en) || kind?.name,
    step: STEPS[found.step],
    level: LEVELS[found.level],
    band: band(found, now(wall), /** @type {any} */ (city.settings)),
    left: found.due ? found.due - now(wall) : undefined,
    area_name: city.areas[found.area]?.name,
    age_seconds: now(wall) - found.reported,
  };
}

/** @param {Wall} wall @param {Choice} choice */
function camera(wall, choice) {
  const { cameras } = wall;
  if (!cameras) return { now: now(wall) };
  return { now: now(wall), state: STATES[cameras.state[choice.row]], since: cameras.since[choice.row] || undefined };
}

/** @param {Wall} wall */
function now(wall) {
  return wall.clock.seconds(performance.now());
}
