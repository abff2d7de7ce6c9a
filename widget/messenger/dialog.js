// Small windows over the messenger.
import { button, h, iconButton, link } from './dom.js';
import { t } from './words.js';

/** @param {string} label @param {string} look @param {(close: () => void) => Node[]} content */
function show(label, look, content) {
  const opener = document.activeElement;
  const box = h('dialog', { class: look, 'aria-label': label });
  const close = () => box.close();
  box.append(...content(close));
  // The browser makes all else inert, but Tab would leave for the page around the frame.
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Tab') return;
    const stops = [...box.querySelectorAll('a, button')];
    const step = event.shiftKey ? -1 : 1;
    event.preventDefault();
    stops.at((stops.indexOf(document.activeElement) + step) % stops.length)?.focus();
  });
  box.addEventListener('click', (event) => event.target === box && close());
  box.addEventListener('close', () => {
    box.remove();
    if (opener instanceof HTMLElement) opener.focus();
  });
  document.getElementById('mw').append(box);
  box.showModal();
}

/** Show a picture as large as there is room. @param {string} src @param {string} alt */
export function showImage(src, alt) {
  show(alt, 'mw-zoom', (close) => [
    h('img', { src, alt }),
    h('div', { class: 'bar' }, link(src, { class: 'mw-btn q' }, t('openOriginal')), iconButton(t('closeImage'), 'close', close, { autofocus: true })),
  ]);
}

/** Ask before something that cannot be undone. @param {string} question @param {string} yes @param {() => void} act */
export function askFirst(question, yes, act) {
  show(question, 'mw-ask', (close) => [
    h('p', {}, question),
    button({ class: 'mw-btn', onclick: () => { close(); act(); } }, yes),
    button({ class: 'mw-btn q', autofocus: true, onclick: close }, t('cancel')),
  ]);
}

export const isDialogOpen = () => Boolean(document.querySelector('dialog[open]'));
