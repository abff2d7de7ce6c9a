// What is promised counts down, turns amber at its risk and red when it is over; the server sends moments only.
import { words } from './words.js';

const TICK_MS = 5000;
const MINUTE = 60_000;

function stretch(ms) {
  const [, minutes, hours, days] = words.ages.split('|');
  const n = Math.floor(ms / MINUTE);
  if (n < 1) return `<${minutes.replace('{n}', 1)}`;
  if (n >= 2 * 24 * 60) return days.replace('{n}', Math.floor(n / 1440));
  const [whole, rest] = [Math.floor(n / 60), n % 60];
  return [whole && hours.replace('{n}', whole), (rest || !whole) && minutes.replace('{n}', rest)].filter(Boolean).join(' ');
}

function tick() {
  const now = Date.now();
  for (const chip of document.querySelectorAll('.m-sla[data-due]')) {
    const left = Date.parse(chip.dataset.due) - now;
    chip.classList.toggle('breach', left < 0);
    chip.classList.toggle('warn', left >= 0 && Date.parse(chip.dataset.risk) <= now);
    const text = left < 0 ? words.over.replace('{time}', stretch(-left)) : stretch(left);
    const shown = chip.querySelector('[data-left]');
    if (shown.textContent !== text) shown.textContent = text;
  }
}

setInterval(tick, TICK_MS);
