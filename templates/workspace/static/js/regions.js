// Regions that load themselves: what failed says so in its place and can be tried again; open sections are remembered.
import { app, button, on, words } from './words.js';

const KEY = `madang-sections-${app.dataset.me}`;

function failed(event) {
  const region = event.detail.elt;
  if (event.detail.requestConfig?.verb !== 'get' || !region.id) return;
  // What is on screen already stays; only an empty region says that it is.
  if (!region.querySelector('.skel')) return;
  const box = document.createElement('div');
  box.className = 'm-empty';
  box.setAttribute('role', 'alert');
  box.append(words.regionFailed, button(words.retry, () => window.htmx.trigger(region, 'try-again'), 'm-btn'));
  region.querySelector('.skel').replaceWith(box);
}

function sections() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
}

function remember(event) {
  const { section } = event.target.dataset || {};
  if (!section) return;
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...sections(), [section]: event.target.open }));
  } catch {
    // Storage is blocked: open as the page gives it.
  }
}

on('htmx:responseError', failed);
on('htmx:sendError', failed);
on('htmx:timeout', failed);
on('htmx:afterSwap', (event) => {
  if (!['customer', 'customer-fields', 'ticket-panel'].includes(event.detail.target?.id)) return;
  for (const section of event.detail.target.querySelectorAll('[data-section]')) {
    const kept = sections()[section.dataset.section];
    if (kept !== undefined && !section.querySelector('[aria-invalid]')) section.open = kept;
  }
});
document.body.addEventListener('toggle', remember, true);
// The panel of a customer follows what others change in it, but not while something in it waits to be put right.
on('fact', ({ detail }) => {
  const card = document.querySelector('[data-contact]');
  if (!card || detail.name !== `contact-${card.dataset.contact}`) return;
  if (document.getElementById('thread-head')) window.htmx.trigger('#thread-head', 'customer-changed');
  for (const region of ['#customer', '#customer-fields']) {
    if (!document.querySelector(`${region} [aria-invalid]`)) window.htmx.trigger(region, 'customer-changed');
  }
});
/** A deed was refused for want of something in the panel: show it, marked, with the cursor in it. */
on('field-refused', ({ detail }) => {
  const field = document.querySelector(`#side [name="${CSS.escape(detail.field)}"]`);
  if (!field) return;
  for (let box = field.closest('details'); box; box = box.parentElement.closest('details')) box.open = true;
  if (!field.getClientRects().length) document.body.classList.toggle('show-side');
  field.setAttribute('aria-invalid', 'true');
  field.addEventListener('input', () => field.removeAttribute('aria-invalid'), { once: true });
  field.scrollIntoView({ block: 'center' });
  field.focus();
});
// What was added leaves its field, which keeps its words as long as it has the focus.
on('htmx:afterRequest', ({ detail: { elt, successful } }) => {
  if (successful && elt.matches('.tag-add, .prop.new')) for (const box of elt.querySelectorAll('.m-input')) box.value = '';
});
// Only a field keeps what is being written in it: a button or a row that has the focus takes its new words.
on('htmx:load', () => window.Idiomorph && Object.defineProperty(window.Idiomorph.defaults, 'ignoreActiveValue', {
  configurable: true, enumerable: true, get: () => Boolean(document.activeElement?.matches('input, textarea')),
}));
