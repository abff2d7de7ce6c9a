// Cards that scroll, lists, and the buttons on them.
import { button, h, iconButton, link, safeLink } from './dom.js';
import { icon } from './icons.js';
import { priceOf, t } from './words.js';

/** Buttons that answer in the visitor's name stand under the thread, and go when used. */
export const isQuick = (action) => action.type === 'reply' || action.type === 'locationRequest';

/** @param {any} message @param {import('./content.js').Hands} hands */
export function cardsView(message, hands) {
  const { items, displaySettings } = message.content;
  const look = displaySettings?.imageAspectRatio === 'square' ? 'mw-caro sq' : 'mw-caro';
  const track = h('div', { class: look, tabindex: 0, role: 'group', 'aria-label': t('cards', { n: items.length }) }, ...items.map((item) => itemView(message, item, hands)));
  const step = (sign) => track.scrollBy({ left: sign * 208 * (getComputedStyle(track).direction === 'rtl' ? -1 : 1) });
  track.addEventListener('keydown', (event) => {
    if (event.target !== track || !/^Arrow(Left|Right)$/.test(event.key)) return;
    event.preventDefault();
    track.scrollBy({ left: event.key === 'ArrowRight' ? 208 : -208 });
  });
  if (items.length < 2) return track;
  // Mouse users get buttons, under the row where they hide nothing; keys and fingers scroll the row itself.
  const previous = iconButton(t('previous'), 'back', () => step(-1));
  const next = iconButton(t('next'), 'forth', () => step(1));
  const follow = () => {
    const at = Math.abs(track.scrollLeft);
    previous.disabled = at < 4;
    next.disabled = at > track.scrollWidth - track.clientWidth - 4;
  };
  track.addEventListener('scroll', follow, { passive: true });
  new ResizeObserver(follow).observe(track);
  return h('div', { class: 'mw-cards-row' }, track, h('div', { class: 'mw-steps' }, previous, next));
}

/** @param {any} message @param {import('./content.js').Hands} hands */
export function listView(message, hands) {
  const { items, actions } = message.content;
  return h('div', { class: 'mw-list' }, ...items.map((item) => itemView(message, item, hands)), actionsView(message, actions, hands));
}

function itemView(message, item, hands) {
  const picture = safeLink(item.mediaUrl || '');
  return h(
    'div', { class: item.size === 'large' ? 'mw-item lg' : 'mw-item' },
    picture ? h('img', { src: picture, alt: item.altText || '', loading: 'lazy' }) : null,
    h('div', { class: 'tx' }, h('div', { class: 'med', dir: 'auto' }, item.title), item.description ? h('div', { class: 't12 c3', dir: 'auto' }, item.description) : null),
    ...item.actions.map((action) => actionView(message, action, hands)),
  );
}

/** @param {any} message @param {any[] | undefined} actions @param {import('./content.js').Hands} hands */
export function actionsView(message, actions, hands) {
  const shown = (actions || []).filter((action) => !isQuick(action));
  return shown.length ? h('div', { class: 'mw-acts' }, ...shown.map((action) => actionView(message, action, hands))) : null;
}

function actionView(message, action, hands) {
  const address = safeLink(action.uri || '');
  if (address) return link(address, { class: 'mw-act' }, h('span', { dir: 'auto' }, action.text));
  // There is nothing to pay with here: the price is told, and no button promises more.
  if (action.type === 'buy') return h('div', { class: 'mw-act told' }, h('span', { dir: 'auto' }, action.text), ` · ${priceOf(action)}`);
  const view = button({ class: 'mw-act', onclick: press }, h('span', { dir: 'auto' }, action.text));
  async function press() {
    view.disabled = true;
    try {
      await hands.press(message, action);
      view.append(icon('check', 's'));
      view.classList.add('done');
    } catch {
      view.disabled = false;
    }
  }
  return view;
}
