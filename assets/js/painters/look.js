/** Look: how a figure looks, as shares of its axes, so that it is drawn again only when somebody could see the difference. */

/** A wall is read from ten metres: what moves by less than this share of an axis may wait. */
export const SEEN = 0.01;

/** @typedef {{shape: string, shares: number[]}} Look shape: all that is not a share */

/** @param {{data: any[], layout?: any}} figure with its annotations taken out @returns {Look} */
export function look(figure) {
  /** @type {number[]} */
  const shares = [];
  const shape = figure.data.map((trace) => (trace.type === 'indicator' ? gauge(trace, shares) : plot(trace, figure.layout ?? {}, shares)));
  const layout = Object.fromEntries(Object.entries(figure.layout ?? {}).map(([name, value]) => [name, /^[xy]axis/.test(name) ? bare(value) : value]));
  return { shape: JSON.stringify([shape, layout]), shares };
}

/** Whether the eye can tell them apart. @param {Look | undefined} before @param {Look} now @param {number} [least] */
export function differs(before, now, least = SEEN) {
  return !before || before.shape !== now.shape || before.shares.length !== now.shares.length
    || now.shares.some((share, place) => Math.abs(share - before.shares[place]) > least);
}

/** An axis without its ends: what lies on it is told as a share of it. @param {any} axis */
function bare(axis) {
  return Array.isArray(axis?.range) ? { ...axis, range: null } : axis;
}

/** @param {any} trace @param {number[]} shares */
function gauge(trace, shares) {
  const [low, high] = trace.gauge?.axis?.range ?? [0, 1];
  const share = (/** @type {number} */ value) => void shares.push((value - low) / (high - low || 1));
  share(trace.value);
  for (const step of trace.gauge?.steps ?? []) step.range.forEach(share);
  const { value, gauge: drawn, ...rest } = trace;
  return [rest, drawn?.bar, (drawn?.steps ?? []).map((/** @type {any} */ step) => step.color)];
}

/** @param {any} trace @param {any} layout @param {number[]} shares */
function plot(trace, layout, shares) {
  const rest = { ...trace };
  for (const way of ['x', 'y']) {
    const range = layout[(trace[`${way}axis`] ?? way).replace(/^[xy]/, `${way}axis`)]?.range;
    if (!range || !Array.isArray(trace[way]) || trace[way].some((/** @type {any} */ value) => typeof value !== 'number')) continue;
    const [low, high] = range;
    for (const value of trace[way]) shares.push((value - low) / (high - low || 1));
    rest[way] = trace[way].length;
  }
  return rest;
}
