// One message's content, of any type, as elements.
import { actionsView, cardsView, listView } from './cards.js';
import { showImage } from './dialog.js';
import { h, link, safeLink, spoken, button } from './dom.js';
import { formView, valueOf } from './form.js';
import { icon } from './icons.js';
import { ratingView } from './rating.js';
import { sizeOf, t } from './words.js';

/** What a message's content may do: `press` takes a button, `answer` a form's answers, `answersOf` gives what was answered,
 * `isFilledIn` says whether a form in the thread shows these answers, `rate` sends a rating and gives the content it made.
 * @typedef {{ press: (message: any, action: any) => Promise<void>, answer: (content: object) => void,
 *   answersOf: (message: any) => any[] | null, isFilledIn: (content: any) => boolean,
 *   rate: (message: any, answer: object) => Promise<any> }} Hands */

const EMOJI_ONLY = /^(?:(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2})(?:\uFE0F|\u200D\p{Extended_Pictographic}|\p{Emoji_Modifier})*\s?){1,3}$/u;

/** @param {any} message @param {Hands} hands @returns {(Node | null)[]} */
export function contentView(message, hands) {
  const { content } = message;
  const words = content.text || content.htmlText ? bubble(content) : null;
  switch (content.type) {
    case 'text':
      return [words, actionsView(message, content.actions, hands)];
    case 'image':
      return [imageView(content), words, actionsView(message, content.actions, hands)];
    case 'file':
      return [fileView(content), words, actionsView(message, content.actions, hands)];
    case 'carousel':
      return [words, cardsView(message, hands)];
    case 'list':
      return [words, listView(message, hands)];
    case 'form':
      return [words, formView(message, hands)];
    case 'formResponse':
      // The card of the form shows them.
      if (hands.isFilledIn(content)) return [spoken(t('answered'))];
      return [h('div', { class: 'mw-b', dir: 'auto' }, content.fields.map((field) => `${field.label}: ${valueOf(field)}`).join('\n'))];
    case 'rating':
      return [ratingView(message, hands)];
    case 'location':
      return [placeView(content)];
    default:
      return [h('div', { class: 'mw-b c2' }, content.text || t('unsupported'))];
  }
}

function bubble(content) {
  if (!content.htmlText && EMOJI_ONLY.test(content.text)) return h('div', { class: 'mw-b emo' }, content.text);
  const view = h('div', { class: content.htmlText ? 'mw-b html' : 'mw-b', dir: 'auto' });
  // The server made this HTML safe (nh3) when it took the message in.
  if (content.htmlText) view.innerHTML = content.htmlText;
  else view.append(...linkified(content.text));
  view.querySelectorAll('a').forEach((each) => Object.assign(each, { target: '_blank', rel: 'noopener noreferrer' }));
  return view;
}

function linkified(text) {
  return text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/).map((part, index) => (index % 2 ? link(part, {}, part) : part));
}

function imageView(content) {
  const src = safeLink(content.mediaUrl);
  const alt = content.altText || t('image');
  if (!src) return null;
  const image = h('img', { class: 'mw-img', src, alt, loading: 'lazy' });
  const view = button({ class: 'mw-imgb', 'aria-label': t('enlarge', { name: alt }), onclick: () => showImage(src, alt) }, image);
  image.addEventListener('error', () => view.replaceWith(fileView(content)));
  return view;
}

function fileView(content) {
  const name = content.altText || nameIn(content.mediaUrl);
  const size = content.mediaSize ? sizeOf(content.mediaSize) : '';
  const told = h('span', { class: 'g' }, h('span', { class: 'med trunc', dir: 'auto' }, name), size ? h('span', { class: 't12 c3' }, size) : null);
  return link(safeLink(content.mediaUrl), { class: 'mw-file', 'aria-label': t('download', { name: `${name} ${size}`.trim() }) }, icon('file'), told);
}

function nameIn(address) {
  const last = new URL(address).pathname.split('/').pop();
  try {
    return decodeURIComponent(last) || t('file');
  } catch {
    return last;
  }
}

function placeView(content) {
  const { lat, long } = content.coordinates;
  const name = content.location?.name || t('location');
  const where = content.location?.address || `${lat}, ${long}`;
  const told = h('span', { class: 'g' }, h('span', { class: 'med', dir: 'auto' }, name), h('span', { class: 't12 c3', dir: 'auto' }, where), h('span', { class: 't12 go' }, t('openMap')));
  return link(`https://www.openstreetmap.org/?mlat=${lat}&mlon=${long}#map=16/${lat}/${long}`, { class: 'mw-file' }, icon('pin'), told);
}
