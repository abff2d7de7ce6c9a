// Making elements, without ever making HTML of somebody's words.
import { icon } from './icons.js';
import { hueOf, initialOf } from './summary.js';
import { config } from './words.js';

/** @param {string} tag @param {Record<string, any>} [props] @param {...(Node | string | null | false | undefined)} children */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== 'string') element[name] = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== false && child !== undefined));
  return element;
}

/** @param {Record<string, any>} props @param {...(Node | string | null | false | undefined)} children */
export const button = (props, ...children) => h('button', { type: 'button', ...props }, ...children);

/** @param {string} label @param {Parameters<typeof icon>[0]} name @param {() => void} onclick */
export function iconButton(label, name, onclick, props = {}) {
  const look = name === 'back' ? 'flip' : '';
  return button({ class: 'mw-ib', 'aria-label': label, title: label, onclick, ...props }, icon(name, look));
}

/** A line for screen readers only. @param {string} text */
export const spoken = (text) => h('span', { class: 'vh' }, text);

/** Give the picture of who writes: a bot's face, a person's initial, or without an author the brand.
 * @param {{ type: string, name: string } | null} author */
export function avatar(author, large = false) {
  const size = large ? ' l' : '';
  if (author?.type === 'bot') return h('span', { class: `mw-av b${size}`, 'aria-hidden': 'true' }, icon('bot', 's'));
  if (author?.name) return h('span', { class: `mw-av ${hueOf(author.name)}${size}`, 'aria-hidden': 'true' }, initialOf(author.name));
  if (config.logo) return h('img', { class: `mw-av${size}`, src: config.logo, alt: '' });
  return h('span', { class: `mw-av b${size}`, 'aria-hidden': 'true' }, initialOf(config.brand));
}

/** Give an http(s) address, or nothing for any other. @param {string} address */
export function safeLink(address) {
  try {
    return /^https?:$/.test(new URL(address, location.href).protocol) ? address : null;
  } catch {
    return null;
  }
}

/** A link that leaves the messenger. */
export const link = (href, props, ...children) => h('a', { href, target: '_blank', rel: 'noopener noreferrer', ...props }, ...children);
