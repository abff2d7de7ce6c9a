// Making elements, without ever making HTML of somebody's words.

/** @param {string} tag @param {Record<string, any>} [props] @param {...(Node | string | null | false)} children */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== 'list' && typeof value !== 'string') element[name] = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== false && child !== undefined));
  return element;
}

const PATHS = {
  back: 'M10 3 5 8l5 5', close: 'M4 4l8 8M12 4l-8 8', more: 'M3.5 8h.01M8 8h.01M12.5 8h.01', send: 'M8 13V3M4 7l4-4 4 4',
  clip: 'M13 7.5 8.2 12.3a3 3 0 0 1-4.3-4.3l5-5a2 2 0 0 1 2.9 2.9l-5 5a1 1 0 0 1-1.5-1.5l4.5-4.4',
  smile: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M5.5 9.5c.6 1 1.5 1.5 2.5 1.5s1.9-.5 2.5-1.5M6 6.5v.01M10 6.5v.01',
  plane: 'M14 2 2 7l5 2 2 5zM7 9l3-3', alert: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5.5v3M8 10.8v.01',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5v3l2 1.5', file: 'M4 2h5l3 3v9H4zM9 2v3h3',
};

/** @param {keyof typeof PATHS} name */
export function icon(name, small = false) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', small ? 'i s' : 'i');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** @param {string} label @param {keyof typeof PATHS} name @param {() => void} onclick */
export function iconButton(label, name, onclick, props = {}) {
  return h('button', { type: 'button', class: 'mw-ib', 'aria-label': label, title: label, onclick, ...props }, icon(name));
}

/** Give an http(s) address, or nothing for any other. @param {string} address */
export function safeLink(address) {
  try {
    return /^https?:$/.test(new URL(address).protocol) ? address : null;
  } catch {
    return null;
  }
}
