/** Stub: the Dash components: GridMap mounts the map with its page (layouts/map.py), CaseActs the buttons of a case. */
(() => {
  const React = /** @type {any} */ (window).React;
  const base = new URL('.', /** @type {HTMLScriptElement} */ (document.currentScript).src);

  /** @param {{id: string, options?: any, view?: string, setProps: (props: any) => void}} props */
  function GridMap(props) {
    const { useEffect, useRef, createElement } = React ?? /** @type {any} */ (window).React;
    const host = useRef(null);
    const mounted = useRef(null);
    useEffect(() => {
      let gone = false;
      // the stamp is the bundle's own: a page never meets the map of an older house
      import(`${base}wall.mjs?${__STAMP__}`).then(({ mount }) => {
        if (!gone) mounted.current = mount(host.current, props.options ?? {}, props.setProps);
      });
      return () => {
        gone = true;
        mounted.current?.remove();
      };
    }, []);
    useEffect(() => mounted.current?.change(props.options ?? {}), [props.options]);
    return createElement('div', { id: props.id, ref: host, className: 'gridmap' });
  }

  /** @param {{id: string, options?: any}} props */
  function CaseActs(props) {
    const { useEffect, useRef, createElement } = React ?? /** @type {any} */ (window).React;
    const host = useRef(null);
    const mounted = useRef(null);
    const options = useRef(props.options);
    options.current = props.options;
    useEffect(() => {
      let gone = false;
      import(`${base}case.mjs?${__CASE__}`).then(({ mount }) => {
        if (!gone) mounted.current = mount(host.current, options.current ?? {});
      });
      return () => {
        gone = true;
        mounted.current?.remove();
      };
    }, []);
    useEffect(() => mounted.current?.change(props.options ?? {}), [props.options]);
    return createElement('div', { id: props.id, ref: host, className: 'case-acts' });
  }

  const room = /** @type {any} */ (window);
  room.layouts = Object.assign(room.layouts ?? {}, { GridMap, CaseActs });
})();
