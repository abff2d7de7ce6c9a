// The log of a thread: draws rows, each element kept as long as its row stays the same, and keeps the reader's place.
import { button, h } from './dom.js';
import { icon } from './icons.js';
import { t } from './words.js';

const NEAR_PX = 48;
const TOP_PX = 120;
const CONTROLS = 'button, textarea, input, select, a[href]';

/** Put a row in the place of another; the focus stays on the same control, or on the row where there is none. */
function replace(old, row) {
  const held = document.activeElement;
  const isHeld = old.contains(held);
  const at = [...old.querySelectorAll(CONTROLS)].indexOf(held);
  old.replaceWith(row);
  if (isHeld) (row.querySelectorAll(CONTROLS)[at] || row).focus({ preventScroll: true });
}

/** @param {{ onTop: () => void, onBottom: () => void }} hear  told when the reader comes to either end */
export function logView({ onTop, onBottom }) {
  /** @type {Map<string, { sign: string, element: HTMLElement }>} */
  let drawn = new Map();
  let isStuck = true;
  let missed = 0;
  /** Which row stood where, for a reader who looks at older messages. */
  let anchor = null;
  let lastTop = 0;
  const before = h('div', { class: 'mw-early' });
  const list = h('div', { role: 'list' });
  const chips = h('div', { class: 'mw-qr', role: 'group', 'aria-label': t('suggestions'), hidden: true });
  const log = h('div', { class: 'mw-log', role: 'log', 'aria-live': 'off', 'aria-label': t('conversation'), tabindex: 0 }, h('div', { class: 'in' }, before, list, chips));
  const chip = button({ class: 'mw-new', hidden: true, onclick: () => toEnd(true) }, '');
  const view = h('div', { class: 'mw-logbox' }, log, chip);

  function toEnd(isSmooth = false) {
    isStuck = true;
    missed = 0;
    chip.hidden = true;
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    log.scrollTo({ top: log.scrollHeight, behavior: isSmooth && !isCalm ? 'smooth' : 'instant' });
    onBottom();
  }

  function keepPlace() {
    if (isStuck) log.scrollTop = log.scrollHeight;
    else if (anchor?.row.isConnected) log.scrollTop = anchor.row.offsetTop - anchor.offset;
    lastTop = log.scrollTop;
  }

  /** See where the reader is now, if they have scrolled: the browser tells of it a frame later, perhaps too late. */
  function seePlace() {
    if (Math.abs(log.scrollTop - lastTop) < 1) return;
    lastTop = log.scrollTop;
    const wasStuck = isStuck;
    isStuck = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
    notePlace();
    if (isStuck && !wasStuck) toEnd();
    if (log.scrollTop < TOP_PX) onTop();
  }

  function notePlace() {
    const row = [...list.children].find((each) => each.offsetTop + each.offsetHeight > log.scrollTop);
    anchor = row ? { row, offset: row.offsetTop - log.scrollTop } : null;
  }

  log.addEventListener('scroll', seePlace, { passive: true });
  // Pictures that come late and a keyboard that opens change sizes: the place stays.
  const sizes = new ResizeObserver(() => { seePlace(); keepPlace(); });
  sizes.observe(log);
  sizes.observe(list.parentElement);

  // With the log in focus, the arrows go from message to message.
  log.addEventListener('keydown', (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const items = [...list.querySelectorAll('[data-id]')];
    const at = items.indexOf(event.target);
    if (!step || (event.target !== log && at < 0)) return;
    event.preventDefault();
    items[at < 0 ? items.length - 1 : Math.min(items.length - 1, Math.max(0, at + step))]?.focus();
  });

  /** @param {import('./rows.js').Row[]} rows */
  function draw(rows) {
    seePlace();
    const next = new Map();
    let place = list.firstElementChild;
    for (const { key, sign, make } of rows) {
      const old = drawn.get(key);
      const element = old?.sign === sign ? old.element : make();
      if (old && old.element !== element) {
        if (old.element === place) place = element;
        if (anchor?.row === old.element) anchor.row = element;
        replace(old.element, element);
      }
      next.set(key, { sign, element });
      if (element === place) place = place.nextElementSibling;
      else list.insertBefore(element, place);
    }
    for (const [key, { element }] of drawn) if (!next.has(key)) element.remove();
    drawn = next;
    keepPlace();
  }

  return {
    view, log, draw, toEnd, before, chips,
    isAtEnd: () => isStuck,
    /** Count a message that came while the reader looks at older ones. */
    miss() {
      if (isStuck) return;
      missed += 1;
      chip.replaceChildren(icon('down', 's'), t('newMessages', { n: missed }));
      chip.hidden = false;
    },
    leave: () => sizes.disconnect(),
  };
}
