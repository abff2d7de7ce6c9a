// One message's content, of any type, as elements.
import { h, icon, safeLink } from './dom.js';
import { formView, valueOf } from './form.js';
import { t } from './words.js';

/** @typedef {{ send: (content: object) => void, press: (message: any, action: any) => void, zoom: (src: string, alt: string) => void, answersOf: (message: any) => any[] | null }} Hands */

/** @param {any} message @param {Hands} hands @returns {Node[]} */
export function contentView(message, hands) {
  const content = message.content;
  const words = content.text || content.htmlText ? bubble(content) : null;
  switch (content.type) {
    case 'text':
      return [words, actionsView(message, content.actions, hands)];
    case 'image':
      return [imageView(content, hands), words, actionsView(message, content.actions, hands)];
    case 'file':
      return [h('div', { class: 'mw-b' }, fileLink(content)), words];
    case 'carousel':
      return [h('div', { class: 'mw-caro', tabindex: '0', role: 'group', 'aria-label': t('message') }, ...content.items.map((item) => itemView(message, item, hands)))];
    case 'list':
      return [h('div', { class: 'mw-list' }, ...content.items.map((item) => itemView(message, item, hands))), actionsView(message, content.actions, hands)];
    case 'form':
      return [words, formView(message, hands.answersOf(message), hands.send)];
    case 'formResponse':
      return [h('div', { class: 'mw-b' }, content.fields.map((field) => `${field.label}: ${valueOf(field)}`).join('\n'))];
    case 'location': {
      const { lat, long } = content.coordinates;
      const name = content.location?.name || content.location?.address || `${lat}, ${long}`;
      return [h('div', { class: 'mw-b' }, h('span', {}, `📍 ${name} `), link(`https://maps.google.com/maps?q=${lat},${long}`, t('openMap')))];
    }
    default:
      return [h('div', { class: 'mw-b' }, content.text || t('unsupported'))];
  }
}

function bubble(content) {
  const view = h('div', { class: content.htmlText ? 'mw-b html' : 'mw-b', dir: 'auto' });
  // The server made this HTML safe (nh3) when it took the message in.
  if (content.htmlText) view.innerHTML = content.htmlText;
  else view.append(...linkified(content.text));
  view.querySelectorAll('a').forEach((each) => Object.assign(each, { target: '_blank', rel: 'noopener noreferrer' }));
  return view;
}

function linkified(text) {
  return text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/).map((part, index) => (index % 2 ? link(part, part) : part));
}

const link = (href, text, props = {}) => h('a', { href, target: '_blank', rel: 'noopener noreferrer', ...props }, text);

function imageView(content, hands) {
  const src = safeLink(content.mediaUrl);
  const alt = content.altText || t('image');
  if (!src) return null;
  return h('button', { type: 'button', 'aria-label': alt, onclick: () => hands.zoom(src, alt) }, h('img', { class: 'mw-img', src, alt, loading: 'lazy' }));
}

function fileLink(content) {
  const name = content.altText || decodeURIComponent(content.mediaUrl.split('/').pop());
  return h('a', { class: 'mw-file', href: safeLink(content.mediaUrl), target: '_blank', rel: 'noopener noreferrer', 'aria-label': t('download', { name }) }, icon('file', true), name);
}

function itemView(message, item, hands) {
  return h(
    'div', { class: 'mw-item' },
    item.mediaUrl && safeLink(item.mediaUrl) ? h('img', { src: item.mediaUrl, alt: item.altText || '', loading: 'lazy' }) : null,
    h('div', { class: 'tx' }, h('div', { class: 'semi', dir: 'auto' }, item.title), item.description ? h('div', { class: 't12 c3', dir: 'auto' }, item.description) : null),
    ...item.actions.map((action) => actionView(message, action, hands)),
  );
}

function actionsView(message, actions, hands) {
  const shown = (actions || []).filter((action) => action.type !== 'reply');
  return shown.length ? h('div', { class: 'mw-acts' }, ...shown.map((action) => actionView(message, action, hands))) : null;
}

function actionView(message, action, hands) {
  const address = safeLink(action.uri || '');
  if (address) return link(address, action.text, { class: 'mw-act' });
  const label = action.type === 'buy' ? `${action.text} · ${price(action)}` : action.text;
  const isDead = action.type === 'buy';
  return h('button', { type: 'button', class: 'mw-act', disabled: isDead, onclick: () => hands.press(message, action) }, label);
}

function price({ amount, currency = 'usd' }) {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}
