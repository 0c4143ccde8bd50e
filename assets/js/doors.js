/** Doors: whoever leaves a wall by one of its numbers comes to a page in the wall's own light. */

/** The address with the theme added, where it leads to a page of ours that says none. @param {string} href @param {string} theme @param {string} base */
export function lit(href, theme, base) {
  const door = new URL(href, base);
  if (door.origin !== new URL(base).origin || !door.search || door.searchParams.has('theme')) return href;
  door.searchParams.set('theme', theme);
  return door.pathname + door.search + door.hash;
}

/** Panels are made once for all who read a language, so their doors know no theme: it is added when one is opened.
 * @param {Document} page @param {string} theme @returns {() => void} */
export function doors(page, theme) {
  const open = (/** @type {Event} */ event) => {
    const door = event.target instanceof Element ? event.target.closest('a[href]') : null;
    const href = door?.getAttribute('href');
    if (door && href) door.setAttribute('href', lit(href, theme, page.baseURI));
  };
  const kinds = ['pointerdown', 'focusin'];
  for (const kind of kinds) page.addEventListener(kind, open, true);
  return () => kinds.forEach((kind) => page.removeEventListener(kind, open, true));
}
