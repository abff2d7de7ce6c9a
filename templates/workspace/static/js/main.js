// Puts the parts together: what buttons do, what the search field does.
import './banner.js';
import './composer.js';
import './dialogs.js';
import './emoji.js';
import { doings } from './keys.js';
import { more } from './list.js';
import './later.js';
import './live.js';
import './looking.js';
import './macros.js';
import './mentions.js';
import './menus.js';
import './notify.js';
import { answerOffer } from './offers.js';
import './own_views.js';
import { openPalette } from './palette.js';
import './pending.js';
import './presence.js';
import './promises.js';
import './regions.js';
import { closeSheet } from './sheet.js';
import './tags.js';
import { earlier } from './thread.js';
import './unsaved.js';
import './unsent.js';
import { on, toast, words } from './words.js';

const own = {
  earlier,
  more,
  'accept-offer': (pressed) => answerOffer('accept', pressed.closest('[data-offer]')),
  'close-sheet': closeSheet,
  'decline-offer': (pressed) => answerOffer('decline', pressed.closest('[data-offer]')),
  // The browser's own question first: keeping the wish loads the page anew, which would take the question away.
  'ask-notifications': async (pressed, event) => {
    event.preventDefault();
    if ((await Notification.requestPermission()) === 'granted') pressed.form.requestSubmit(pressed);
    else toast(words.blocked);
  },
};

on('click', (event) => {
  const pressed = event.target.closest('[data-do], [data-press]');
  const name = pressed?.dataset.do || pressed?.dataset.press;
  if (name) (own[name] || doings[name])?.(pressed, event);
  const inside = event.target.closest('details.menu');
  for (const menu of document.querySelectorAll('details.menu[open]')) if (menu !== inside || event.target.closest('.m-mi')) menu.open = false;
});
document.getElementById('search')?.addEventListener('input', (event) => {
  if (event.isComposing) return;
  openPalette(event.target.value);
  event.target.value = '';
});
// What the server said of the last page goes as every toast does.
for (const row of document.querySelectorAll('#toasts > .m-toast')) setTimeout(() => row.remove(), 6000);
