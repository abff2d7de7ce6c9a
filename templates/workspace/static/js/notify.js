// What came while the agent looked elsewhere: the number in the title, desktop notifications, and mentions and answers as toasts.
// The server gives only what is the agent's own or nobody's, beside the counts of the views.
import { chime } from './sound.js';
import { openUrl } from './switch.js';
import { app, current, fill, on, toast, words } from './words.js';

const known = new Set();
let isFirst = true;
let offered = 0;

/** The number of what waits, after a dot while something is offered: of a tab in the back nothing else is seen. */
function title() {
  const bare = document.title.replace(/^(● )?(\(\d+\) )?/, '');
  const waiting = Number(document.getElementById('news')?.dataset.waiting);
  document.title = `${offered ? '● ' : ''}${waiting ? `(${waiting}) ` : ''}${bare}`;
}

export function tellOffered(number) {
  offered = number;
  title();
}

/** Tell outside of the page, where the agent wants it and does not look at it: `row` is a link with what to show. */
export function desktop(text, row, key) {
  const may = app.dataset.notifications === 'yes' && 'Notification' in window && Notification.permission === 'granted';
  const isLookedAt = !document.hidden && document.hasFocus();
  if (!may || (isLookedAt && row.dataset.conversation === current())) return;
  const shown = new Notification(text, { body: row.textContent.slice(0, 200), tag: key });
  shown.onclick = () => { window.focus(); openUrl(row.href); shown.close(); };
}

function look() {
  const news = document.getElementById('news');
  if (!news) return;
  title();
  for (const row of news.querySelectorAll('a')) {
    const { news: wrote, mention, side } = row.dataset;
    const key = wrote || mention || side;
    if (!key) continue;
    const isNew = !known.has(key);
    known.add(key);
    if (!isNew || isFirst) continue;
    const text = fill(side ? words.sideAnswered : mention ? words.mentioned : words.wrote, { name: row.dataset.name });
    desktop(text, row, key);
    if (wrote && (document.hidden || !document.hasFocus())) chime('words');
    if ((side || mention) && row.dataset.conversation !== current()) toast(text, { text: words.open, run: () => openUrl(row.href) }, 'status');
  }
  isFirst = false;
}

on('htmx:afterSettle', (event) => event.detail.target?.id === 'views' && look());
on('switched', title);
