// Puts the parts together: what buttons do, what the search field does.
import './banner.js';
import './composer.js';
import './dialogs.js';
import './emoji.js';
import { doings } from './keys.js';
import { more } from './list.js';
import './mentions.js';
import './notify.js';
import { openPalette } from './palette.js';
import './pending.js';
import './presence.js';
import './regions.js';
import { earlier } from './thread.js';
import { on } from './words.js';

const own = {
  earlier,
  more,
  'ask-notifications': () => Notification.requestPermission(),
};

on('click', (event) => {
  const pressed = event.target.closest('[data-do], [data-press]');
  const name = pressed?.dataset.do || pressed?.dataset.press;
  if (name) (own[name] || doings[name])?.(pressed);
  const inside = event.target.closest('details.menu');
  for (const menu of document.querySelectorAll('details.menu[open]')) if (menu !== inside || event.target.closest('.m-mi')) menu.open = false;
});
document.getElementById('search')?.addEventListener('input', (event) => {
  if (event.isComposing) return;
  openPalette(event.target.value);
  event.target.value = '';
});
