/** The river's geometry, without a page: where each step lies, how wide its water is, and which part is of which age. */

/** @typedef {{key: string, name: string, open: number, number: string, bands: number[], median: string, age: string, rate: string, passed: string, returned: number, back: string, standing: string, door: string}} Step */
/** @typedef {{x: number, width: number, water: number, bands: {x: number, width: number}[]}} Reach */

/** A step has at least this share of an equal part, so that its name always has room. */
const LEAST = 0.62;

/** @param {Step[]} steps @param {number} width of the whole strip @param {number} gap between two steps @returns {Reach[]} */
export function reaches(steps, width, gap) {
  const usable = width - gap * (steps.length - 1);
  const least = (usable / steps.length) * LEAST;
  const rest = usable - least * steps.length;
  const total = steps.reduce((sum, step) => sum + step.open, 0);
  const most = Math.max(1, ...steps.map((step) => step.open));
  let x = 0;
  return steps.map((step) => {
    // In steps of a two-hundredth of the strip: a case more or less does not make the whole river tremble.
    const share = total ? Math.round((step.open / total) * 200) / 200 : 1 / steps.length;
    const reach = least + rest * share;
    const water = total ? Math.max(step.open ? 0.012 * width : 0, reach * Math.min(1, (step.open / most) * stretch(reach, least, rest, most, total))) : 0;
    const found = { x, width: reach, water, bands: bands(step, x, water) };
    x += reach + gap;
    return found;
  });
}

/** The fullest step fills its reach; all others have the same length a case.
 * @param {number} reach @param {number} least @param {number} rest @param {number} most @param {number} total */
function stretch(reach, least, rest, most, total) {
  return (least + rest * (most / total)) / reach;
}

/** @param {Step} step @param {number} x @param {number} water */
function bands(step, x, water) {
  const sum = step.bands.reduce((all, count) => all + count, 0) || 1;
  let at = x;
  return step.bands.map((count) => {
    const piece = { x: at, width: (water * count) / sum };
    at += piece.width;
    return piece;
  });
}

/** About how wide a text is, in its own size: a Chinese character is 1, others about half.
 * @param {string} text */
export function textWidth(text) {
  return [...text].reduce((sum, one) => sum + (one > '\u2e7f' ? 1 : 0.54), 0);
}

/** What of a line of several words has room, the first first. @param {string} text @param {number} ems of small letters */
export function fitting(text, ems) {
  const words = text.split(' · ');
  while (words.length && textWidth(words.join(' · ')) > ems) words.pop();
  return words.join(' · ');
}

/** A thin line back from one step to the one before, above the water.
 * @param {Reach} from @param {Reach} to @param {number} y of the water @param {number} lift */
export function backLine(from, to, y, lift) {
  const start = from.x + 0.7 * lift;
  const end = to.x + to.width - 0.7 * lift;
  const top = y - lift;
  return `M${n(start)} ${n(y)} C${n(start)} ${n(top)} ${n(end)} ${n(top)} ${n(end)} ${n(y)}`;
}

/** @param {number} value */
function n(value) {
  return value.toFixed(1);
}
