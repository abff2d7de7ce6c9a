// The status menu: opened by its button or S, the arrows move in it, Enter takes. What it shows is fetched anew while it is open.
import { on } from './words.js';

const menu = () => document.getElementById('status-details');
const button = () => document.getElementById('status-button');
const rows = () => [...document.querySelectorAll('#status-choices [data-status]')];

export function openStatus() {
  if (!menu()) return;
  menu().open = true;
  button().focus();
}

/** Morphing a region keeps open what a person opened in it. */
on('htmx:load', () => {
  const given = window.Idiomorph?.defaults.callbacks;
  if (given) given.beforeAttributeUpdated = (name, node) => !(name === 'open' && node.matches('details.menu'));
});
document.addEventListener('toggle', (event) => {
  if (event.target !== menu() || !menu().open) return;
  (rows().find((row) => row.getAttribute('aria-checked') === 'true') || rows()[0])?.focus();
}, true);
on('click', (event) => {
  if (event.target.closest('[data-status]')) button().focus();
});
