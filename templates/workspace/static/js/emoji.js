// A small tray of emoji; the system's own picker has the rest.
import { on } from './words.js';

const EMOJI = '😀 😊 😂 😍 🤔 😅 😢 🙏 👍 👎 👏 💪 🎉 ❤️ 🔥 ✅ ❌ ⭐ 📦 🚚 💳 ⏰ 👋 🙇'.split(' ');

function put(each) {
  const reply = document.getElementById('reply');
  reply.setRangeText(each, reply.selectionStart, reply.selectionEnd, 'end');
  reply.focus();
  reply.dispatchEvent(new Event('input', { bubbles: true }));
}

on('thread-loaded', () => {
  const tray = document.getElementById('emoji');
  tray?.replaceChildren(...EMOJI.map((each) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = each;
    made.addEventListener('click', () => { tray.closest('details').open = false; put(each); });
    return made;
  }));
});
