/** Head: the place, the feeds with the age of their last word, the hall's time, and a sign when it is not the real one. */

import { MARKS, age, clock, grade } from './ages.js';
import { makeRoom } from './room.js';
import { hide, keyed, make, mark, write } from './rows.js';

/** @typedef {{kind: string, word: string, source: string, age: number | null, grade: string}} Feed */
/** @typedef {{place: string, now: number, offset: number, late: number, dead: number, feeds: Feed[], simulated: boolean, idle: string}} Payload */
/** @typedef {{hall_ms: number, wall_ms: number, speed: number}} HallClock */
/** @typedef {import('./rows.js').Say} Say */

/** @type {{payload: Payload, say: Say, told: number, element: HTMLElement, beat: number} | null} */
let last = null;
let hall = /** @type {HallClock} */ ({ hall_ms: 0, wall_ms: 0, speed: 1 });

/** The page learns the hall's clock when it begins to watch. @param {HallClock} given */
export function setClock(given) {
  hall = given;
  if (last) last.beat = NaN;
}

/** @param {HTMLElement} element @param {Payload} payload @param {Say} say */
export function paint(element, payload, say) {
  last = { payload, say, told: performance.now(), element, beat: NaN };
  write(within(element, 'head-place'), payload.place);
  idle(payload.idle);
  tick();
}

/** Nobody sends anything yet: what to do, in the middle of the map. @param {string} text */
function idle(text) {
  const sign = document.getElementById('sign-idle');
  if (!sign) return;
  write(sign, text ?? '');
  hide(sign, !text);
}

/** Ages and the clock go on when nobody tells us anything: an old number is never shown as a new one.
 * The wall asks with each picture; there is something to write once a second. */
export function tick() {
  if (!last || !last.element.isConnected) return;
  const { payload, say, told, element } = last;
  // A feed is as old as it is for whoever waits for it, however fast a replay runs; the clock runs with the hall.
  const elapsed = (performance.now() - told) / 1000;
  const beat = Math.floor(payload.now / Math.max(1, hall.speed) + elapsed);
  if (beat === last.beat) return;
  last.beat = beat;
  const feeds = payload.feeds.map((feed) => grown(feed, elapsed, payload));
  keyed(within(element, 'head-feeds'), feeds.map((feed) => ({ ...feed, key: feed.kind })), feedRow, (row, feed) => fillFeed(row, feed, say));
  write(within(element, 'head-clock'), clock(payload.now * 1000 + elapsed * 1000 * hall.speed, payload.offset));
  write(within(element, 'head-sign'), sign(payload.simulated, hall, say));
  for (const feed of feeds) corners(feed, say);
  makeRoom(element, within(element, 'head-place'));
}

/** @param {Feed} feed @param {number} elapsed @param {Payload} payload @returns {Feed} */
function grown(feed, elapsed, payload) {
  const seconds = feed.age === null ? null : feed.age + elapsed;
  return { ...feed, age: seconds, grade: grade(feed.grade, seconds, elapsed, payload.late, payload.dead) };
}

/** What the sign says; nothing in real time with real feeds.
 * @param {boolean} simulated @param {HallClock} given @param {Say} say */
export function sign(simulated, given, say) {
  const real = given.speed === 1 && given.hall_ms === given.wall_ms;
  if (real && !simulated) return '';
  const speed = given.speed === 1 ? '' : ` ×${given.speed}`;
  return `${say(simulated ? 'sign.simulation' : 'sign.replay')}${speed}`;
}

function feedRow() {
  return make('span', 'feed', [make('span', 'feed-mark'), make('span', 'feed-word'), make('span', 'feed-age'), make('span', 'feed-grade')]);
}

/** @param {HTMLElement} row @param {Feed} feed @param {Say} say */
function fillFeed(row, feed, say) {
  const [shape, word, old, name] = row.children;
  mark(row, 'data-grade', feed.grade);
  write(shape, MARKS[feed.grade]);
  write(word, feed.source ? `${feed.word} ${feed.source}` : feed.word);
  write(old, age(feed.age));
  write(name, say(`grade.${feed.grade}`));
}

/** What every panel shows that lives on this feed. @param {Feed} feed @param {Say} say */
function corners(feed, say) {
  const stale = feed.grade === 'late' || feed.grade === 'dead';
  if (feed.kind === 'events') mark(document.getElementById('part-river') ?? document.body, 'data-grade', feed.grade);
  for (const panel of document.querySelectorAll(`.panel[data-feed="${feed.kind}"]`)) {
    mark(panel, 'data-grade', feed.grade);
    panel.classList.toggle('stale', stale);
    panel.classList.toggle('unfed', feed.grade === 'none');
    const corner = panel.querySelector('.panel-age');
    // What is looked at less often may be that much older than its feed: no age is ever told too young.
    const old = feed.age === null ? null : feed.age + Number(panel.getAttribute('data-behind'));
    if (corner) write(corner, `${stale || feed.grade === 'none' ? `${MARKS[feed.grade]} ${say(`grade.${feed.grade}`)} ` : ''}${feed.grade === 'none' ? '' : age(old)}`);
  }
}

/** @param {HTMLElement} element @param {string} id @returns {HTMLElement} */
function within(element, id) {
  return /** @type {HTMLElement} */ (element.querySelector(`#${id}`) ?? element);
}
