/** Telling: what the chosen panel says: by the API; of an event by what the frames said, with its number, if we may know it. */

import { band } from './events.js';
import { json } from './geo.js';
import { facts, PAINTERS } from './painters/index.js';

const STEPS = ['reported', 'dispatched', 'handled', 'verified', 'archived', 'appraised'];
const LEVELS = ['community', 'street', 'district'];

/** @typedef {import('./wall.js').Wall} Wall @typedef {import('./choose.js').Choice} Choice */

/** @param {Wall} wall @param {Choice | null} choice @param {import('./tracks.js').Track[]} tracks @param {AbortSignal} [signal] */
export async function tell(wall, choice, tracks, signal) {
  const part = document.getElementById('part-chosen');
  if (!part) return;
  if (!choice) return PAINTERS.chosen(part, wall.parts.last.chosen ?? {}, wall.say);
  if (choice.kind === 'worker' && !tracks.length) return silent(wall, choice); // not ours to know
  const data = await KINDS[choice.kind](wall, choice, tracks, signal);
  if (wall.choose?.choice !== choice) return;
  PAINTERS.chosen(part, { ...facts(choice.kind, data, wall.say), href: caseAddress(data.event_id, wall.options.lang) }, wall.say);
}

/** Nothing is known yet of what was chosen, or no more. @param {Wall} wall @param {Choice} choice */
export function silent(wall, choice) {
  const part = document.getElementById('part-chosen');
  const { kind, title } = facts(choice.kind, {}, wall.say);
  if (part) PAINTERS.chosen(part, { kind, title, facts: [{ key: 'silent', name: wall.say('chosen.silent'), value: '' }] }, wall.say);
}

const KINDS = { worker, event, camera };

/** Of what has no number there is no case to open. @param {string | undefined} eventId @param {string} lang */
export function caseAddress(eventId, lang) {
  return eventId ? `/case?${new URLSearchParams({ id: eventId, lang })}` : '';
}

/** @param {Wall} wall @param {Choice} _choice @param {import('./tracks.js').Track[]} tracks @param {AbortSignal} [signal] */
async function worker(wall, _choice, tracks, signal) {
  const told = await json(`/api/v1/workers/${encodeURIComponent(tracks[0].worker_id)}`, signal);
  return { ...told, area_name: wall.geo?.city.areas.find((area) => area.id === told.area_id)?.name };
}

/** @param {Wall} wall @param {Choice} choice @param {import('./tracks.js').Track[]} tracks @param {AbortSignal} [signal] */
async function event(wall, choice, tracks, signal) {
  return { ...seen(wall, choice), near: tracks.length, event_id: await number(choice, signal) };
}

/** Around a place, wide enough for what rounding took. */
const ABOUT = 2e-6;
/** A wall that only looks is not told numbers of cases, and does not go on asking. */
let forbidden = false;

/** The frames know no numbers of cases. @param {Choice} choice @param {AbortSignal} [signal] */
async function number({ key, district, lon, lat }, signal) {
  if (forbidden) return undefined;
  const box = [lon - ABOUT, lat - ABOUT, lon + ABOUT, lat + ABOUT].map((degrees) => degrees.toFixed(7));
  const answer = await fetch(`/api/v1/events?bbox=${box}`, { signal });
  forbidden = answer.status === 403;
  const found = answer.ok ? (await answer.json()).features : [];
  return found.find((/** @type {any} */ { properties: one }) => one.key === key && one.district === district)?.properties.event_id;
}

/** @param {Wall} wall @param {Choice} choice */
function seen(wall, choice) {
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

/** @param {Wall} _wall @param {Choice} choice @param {import('./tracks.js').Track[]} _tracks @param {AbortSignal} [signal] */
async function camera(_wall, choice, _tracks, signal) {
  const { now, features } = await json(`/api/v1/cameras?slot=${choice.row}`, signal);
  return { now, ...features[0]?.properties };
}

/** @param {Wall} wall */
function now(wall) {
  return wall.clock.seconds(performance.now());
}
