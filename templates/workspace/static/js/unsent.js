// Replies that did not go out are told of wherever the agent is: in the row of their conversation, and above the page.
import { read, stuck } from './outbox.js';
import { openUrl } from './switch.js';
import { button, current, fill, on, words } from './words.js';

const box = document.getElementById('unsent');

const numbers = () => {
  const found = new Map();
  for (const { conversation, state } of read()) if (state !== 'sending') found.set(conversation, (found.get(conversation) || 0) + 1);
  return found;
};

function markRows() {
  const found = numbers();
  for (const row of document.querySelectorAll('[data-row]')) {
    const n = found.get(row.dataset.row);
    const there = row.querySelector('.unsent');
    if (!n) { there?.remove(); continue; }
    const chip = there || Object.assign(document.createElement('span'), { className: 'm-chip warn unsent' });
    chip.textContent = fill(words.unsent, { n });
    if (!there) row.querySelector('.pv').after(chip);
  }
}

/** The oldest conversation that nobody looks at now; the next one follows once this is settled. */
function tell() {
  const [first] = stuck().filter((item) => item.conversation !== current());
  if (!first) return box.replaceChildren();
  const text = fill(words.unsentTo, { name: first.to, n: numbers().get(first.conversation) });
  if (box.firstElementChild?.dataset.said === text) return undefined;
  const row = document.createElement('div');
  row.className = 'm-banner';
  row.dataset.said = text;
  row.append(text, button(words.open, () => openUrl(first.place), 'm-btn sm'));
  return box.replaceChildren(row);
}

function show() {
  markRows();
  tell();
}

for (const name of ['outbox', 'list-marked', 'switched', 'thread-loaded']) on(name, show);
// Another window of this browser sends from the same box.
addEventListener('storage', show);
show();
