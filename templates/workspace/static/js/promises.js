// What is promised counts down, turns amber at its risk and red when it is over; the server sends moments only.
// Of what is the agent's own, a toast tells before it is due and when it is over.
import { desktop } from './notify.js';
import { openUrl } from './switch.js';
import { fill, on, toast, words } from './words.js';

const TICK_MS = 5000;
const MINUTE = 60_000;
const told = new Set();
let isFirst = true;

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

/** Tell once of each own promise that is at risk, and that it is broken; what was so when the page came is on it. */
function warn() {
  const now = Date.now();
  for (const row of document.querySelectorAll('#news [data-promise]')) {
    const { promise, risk, due, name } = row.dataset;
    const left = Date.parse(due) - now;
    const key = `${promise}-${due}-${left < 0 ? 'broken' : 'risk'}`;
    if ((left >= 0 && Date.parse(risk) > now) || told.has(key)) continue;
    told.add(key);
    if (isFirst) continue;
    const text = fill(left < 0 ? words.broken : words.atRisk, { name, time: stretch(left) });
    desktop(text, row, key);
    toast(text, { text: words.open, run: () => openUrl(row.href) }, 'status');
  }
}

on('htmx:afterSettle', (event) => {
  if (event.detail.target?.id !== 'views') return;
  warn();
  isFirst = false;
});
setInterval(() => { tick(); warn(); }, TICK_MS);
