// Menus: in an open one the arrows move, as they do from the button that opened it; from a search they go to what it found.
import { on } from './words.js';

const items = (menu) => [...menu.querySelectorAll('.m-mi')].filter((item) => item.getClientRects().length);

function move(event) {
  const menu = event.target.closest?.('details.menu[open]');
  if (!menu || !event.target.matches('.m-mi, summary')) return;
  const [all, last] = [items(menu), items(menu).length - 1];
  const at = all.indexOf(event.target);
  const next = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at > 0 ? at - 1 : last, Home: 0, End: last }[event.key];
  if (next === undefined || last < 0) return;
  event.preventDefault();
  all[next].focus();
}

/** A choice that is reached by the arrows is chosen by it, as among radio buttons. */
function toFound(event) {
  if (event.key !== 'ArrowDown' || !event.target.matches?.('input[type=search][hx-target]')) return;
  const first = document.querySelector(`${event.target.getAttribute('hx-target')} input[type=radio]`);
  if (!first) return;
  event.preventDefault();
  first.focus();
  first.checked = true;
}

on('keydown', move);
on('keydown', toFound);
