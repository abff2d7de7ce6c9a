// What is shown while something is on its way, and when it did not come.
import { button, h } from './dom.js';
import { t } from './words.js';

const SOON_MS = 300;
const LONG_MS = 5000;

/** Show nothing for 0.3 s, then the shape of what comes, and after 5 s a way to try again.
 * @param {HTMLElement} place @param {() => void} retry */
export function skeleton(place, retry) {
  const shape = h('div', { class: 'mw-skel', 'aria-hidden': 'true' }, h('i'), h('i', { class: 'me' }), h('i'));
  const late = h('div', { class: 'mw-late', role: 'status' });
  const timers = [
    setTimeout(() => place.append(shape), SOON_MS),
    setTimeout(() => {
      late.append(h('p', {}, t('stillLoading')), button({ class: 'mw-link', onclick: () => { end(); retry(); } }, t('retry')));
      place.append(late);
    }, LONG_MS),
  ];
  function end() {
    timers.forEach(clearTimeout);
    shape.remove();
    late.remove();
  }
  return { end };
}

/** @param {string} text @param {() => void} retry */
export function troubleView(text, retry) {
  const view = h('div', { class: 'mw-late', role: 'alert' }, h('p', {}, text), button({ class: 'mw-link', onclick: () => { view.remove(); retry(); } }, t('retry')));
  return view;
}
