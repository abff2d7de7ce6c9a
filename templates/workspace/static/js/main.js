// Puts the parts together: what buttons do, what the search field does.
import './composer.js';
import { doings } from './keys.js';
import { openPalette } from './palette.js';
import './socket.js';
import { earlier } from './thread.js';

document.body.addEventListener('click', (event) => {
  const button = event.target.closest('[data-do], [data-press]');
  if (!button) return;
  const name = button.dataset.do || button.dataset.press;
  if (name === 'earlier') earlier(button);
  if (name === 'ask-notifications') Notification.requestPermission();
  doings[name]?.();
});
document.getElementById('search')?.addEventListener('input', (event) => {
  if (event.isComposing) return;
  openPalette(event.target.value);
  event.target.value = '';
});
// A toast that the server sent goes away by itself.
new MutationObserver((changes) => {
  for (const change of changes) for (const row of change.addedNodes) if (row.nodeType === 1) setTimeout(() => row.remove(), 6000);
}).observe(document.getElementById('toasts'), { childList: true });
