/** Notes: a figure's lines of text, as text of the page: a number that changes does not draw a figure again. */

/** @typedef {{text: string, x: number, y: number, xref?: string, yref?: string, xanchor?: string, yanchor?: string, xshift?: number, yshift?: number, href?: string,
 *   font: {size: number, color: string, weight?: number}}} Note Sizes in percent of the wall's height. */

const ACROSS = /** @type {Record<string, string>} */ ({ left: '0', center: '-50%', right: '-100%' });
const DOWN = /** @type {Record<string, string>} */ ({ top: '0', middle: '-50%', bottom: '-100%' });

/** Lines that stay are kept, and only what changed in them is written.
 * @param {HTMLElement} element @param {Note[]} notes @param {any} layout of their figure @param {(colour: string) => string} colour */
export function write(element, notes, layout, colour) {
  while (element.children.length > notes.length) element.lastElementChild?.remove();
  notes.forEach((note, place) => {
    const line = standing(element, place, note.href);
    if (line.textContent !== note.text) line.textContent = note.text;
    const style = styled(note, layout, colour);
    if (line.dataset.style !== style) {
      line.dataset.style = style;
      line.style.cssText = style;
    }
  });
}

/** The line at a place: a link where cases are behind it. @param {HTMLElement} element @param {number} place @param {string} [href] */
function standing(element, place, href) {
  const tag = href ? 'a' : 'span';
  let line = /** @type {HTMLElement | undefined} */ (element.children[place]);
  if (line?.localName !== tag) {
    const made = document.createElement(tag);
    line ? line.replaceWith(made) : element.append(made);
    line = made;
  }
  if (href && line.getAttribute('href') !== href) {
    line.setAttribute('href', href);
    line.setAttribute('target', '_blank');
  }
  return line;
}

/** @param {Note} note @param {any} layout @param {(colour: string) => string} colour */
export function styled(note, layout, colour) {
  const { l = 0, r = 0, t = 0, b = 0 } = layout.margin ?? {};
  const x = share(note.x, note.xref, layout);
  const y = share(note.y, note.yref, layout);
  const left = `calc(${l + (note.xshift ?? 0)} * var(--u) + (100% - ${l + r} * var(--u)) * ${x})`;
  const top = `calc(${t - (note.yshift ?? 0)} * var(--u) + (100% - ${t + b} * var(--u)) * ${round(1 - y)})`;
  const move = `translate(${ACROSS[note.xanchor ?? 'left']}, ${DOWN[note.yanchor ?? 'middle']})`;
  return `left:${left};top:${top};transform:${move};font-size:calc(${note.font.size} * var(--u));font-weight:${note.font.weight ?? 400};color:${colour(note.font.color)}`;
}

/** Of the paper: as it is; of an axis: where it stands on it. @param {number} value @param {string | undefined} of @param {any} layout */
function share(value, of, layout) {
  if (!of || of === 'paper') return value;
  const { range: [low, high], domain: [from, to] = [0, 1] } = layout[of.replace(/^([xy])/, '$1axis')];
  return round(from + (to - from) * (value - low) / (high - low));
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 1e5) / 1e5;
}
