// The icons, drawn on a 16-pixel grid.
const DOT = 'v.01';
const CIRCLE = 'M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5';
const PATHS = {
  back: 'M9.75 4.5 6.25 8l3.5 3.5',
  forth: 'M6.25 4.5 9.75 8l-3.5 3.5',
  down: 'M4.5 6.25 8 9.75l3.5-3.5',
  close: 'm4.25 4.25 7.5 7.5M11.75 4.25l-7.5 7.5',
  more: 'M3.25 8h.5M7.75 8h.5M12.25 8h.5',
  send: 'M8 13V3M4 7l4-4 4 4',
  clip: 'm12.9 7.5-4.95 4.95a3.05 3.05 0 0 1-4.3-4.3L8.8 3a2.05 2.05 0 0 1 2.9 2.9L6.65 10.95a1 1 0 0 1-1.45-1.45l4.6-4.6',
  smile: `${CIRCLE}M5.6 9.5c.6.95 1.4 1.4 2.4 1.4s1.8-.45 2.4-1.4M6 6.25v.5M10 6.25v.5`,
  grin: `${CIRCLE}M5.25 9h5.5c-.2 1.6-1.3 2.5-2.75 2.5S5.45 10.6 5.25 9zM5.5 6.6c.2-.5.8-.5 1 0M9.5 6.6c.2-.5.8-.5 1 0`,
  meh: `${CIRCLE}M5.75 10.25h4.5M6 6.25v.5M10 6.25v.5`,
  frown2: `${CIRCLE}M5.75 10.6c1.2-.7 3.3-.7 4.5 0M6 6.25v.5M10 6.25v.5`,
  frown: `${CIRCLE}M5.6 10.9c.6-.95 1.4-1.4 2.4-1.4s1.8.45 2.4 1.4M6 6.25v.5M10 6.25v.5`,
  plane: 'M13.5 2.5 2.5 6.6l4.7 2.2 2.2 4.7zM13.5 2.5 7.2 8.8',
  alert: `${CIRCLE}M8 5v3.5M8 11${DOT}`,
  clock: `${CIRCLE}M8 4.75V8l2.25 1.5`,
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  bot: 'M4.75 5h6.5a2 2 0 0 1 2 2v4.25a2 2 0 0 1-2 2h-6.5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2M8 5V2.5M6 8.5v.5M10 8.5v.5M6.5 11h3',
  home: 'M2.5 7.25 8 2.75l5.5 4.5v6h-4V9.5h-3v3.75h-4z',
  chat: 'M3.5 2.75h9A1.25 1.25 0 0 1 13.75 4v6a1.25 1.25 0 0 1-1.25 1.25H7.25L4.25 13.75v-2.5H3.5A1.25 1.25 0 0 1 2.25 10V4A1.25 1.25 0 0 1 3.5 2.75z',
  pin: 'M8 14s4.5-4.2 4.5-7.5a4.5 4.5 0 0 0-9 0C3.5 9.8 8 14 8 14M8 8.25a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5',
  check: 'm3.5 8.5 3 3 6-7',
};

/** @param {keyof typeof PATHS} name @param {string} [look]  classes: s is small, flip turns with the reading direction */
export function icon(name, look = '') {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', `i ${look}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
