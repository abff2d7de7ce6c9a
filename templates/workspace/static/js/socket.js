// One socket a page: facts in, events out. A lost socket costs freshness, not truth.
import { app, fire, on } from './words.js';

const WAITS = [1, 2, 4, 8, 15, 30];
const LIST_EVERY_MS = 1000;
const LOOK_EVERY_MS = 5000;
const QUIET_MS = 20_000;
const PONG_WITHIN_MS = 10_000;
let socket = null;
let tries = 0;
let retryTimer = 0;
let lastInbox = 0;
let inboxTimer = 0;
let heardAt = 0;
let isActive = false;
let isOver = false;

export const isOpen = () => socket?.readyState === 1;

/** @param {object} frame */
export function tell(frame) {
  if (isOpen()) socket.send(JSON.stringify(frame));
}

/** Lists and counts are fetched at most once a second, whatever the traffic. */
export function inboxChanged() {
  clearTimeout(inboxTimer);
  const wait = Math.max(0, lastInbox + LIST_EVERY_MS - Date.now());
  inboxTimer = setTimeout(() => {
    lastInbox = Date.now();
    fire('inbox-changed');
  }, wait);
}

/** Say that this page is there, and whether hands were on it since it last did. */
function sayHere() {
  tell({ type: 'ping', active: isActive });
  if (isOpen()) isActive = false;
}

function take(frame) {
  // The server asks every 15 s, since a frame wakes a page whose own timers sleep in the background.
  if (frame.type === 'ping') sayHere();
  if (frame.type === 'changed') {
    for (const name of frame.changed) {
      if (name === 'inbox') {
        inboxChanged();
      } else {
        fire(`${name}-changed`);
        fire('fact', { name, seq: frame.seq });
      }
    }
  }
  if (frame.type === 'typing') fire('typing', { ...frame, conversation: frame.typing.replace('conversation-', '') });
  if (frame.type === 'looking') fire('looking', frame);
  if (frame.type === 'presence') fire('presence', { ...frame, conversation: frame.presence.replace('conversation-', '') });
}

function welcome() {
  const wasLost = tries > 0;
  tries = 0;
  if (wasLost) inboxChanged();
  fire('socket-open', { wasLost });
}

export function open() {
  clearTimeout(retryTimer);
  if (isOver) return;
  if (socket && socket.readyState < 2) return;
  socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws/agent/`);
  heardAt = Date.now();
  socket.onmessage = (event) => {
    heardAt = Date.now();
    const frame = JSON.parse(event.data);
    if (frame.type === 'welcome') welcome();
    else take(frame);
  };
  socket.onclose = (event) => (event.code === 4401 ? fire('signed-out') : lost());
}

/** A line that was cut closes late or never; what it still says is not waited for. */
function hangUp() {
  clearTimeout(retryTimer);
  Object.assign(socket, { onclose: null, onmessage: null });
  socket.close();
}

/** The line is gone: say so, and try again later. */
function lost() {
  hangUp();
  const wait = WAITS[Math.min(tries, WAITS.length - 1)] * 1000 * (0.8 + Math.random() * 0.4);
  tries += 1;
  retryTimer = setTimeout(open, wait);
  fire('socket-lost', { nextAt: Date.now() + wait });
}

// A line that was cut without a word looks open; silence after our own ping tells.
setInterval(() => {
  const [asked, askedAt] = [socket, Date.now()];
  if (askedAt - heardAt < QUIET_MS) return;
  sayHere();
  setTimeout(() => asked === socket && isOpen() && heardAt < askedAt && lost(), PONG_WITHIN_MS);
}, LOOK_EVERY_MS);
for (const name of ['pointermove', 'pointerdown', 'keydown', 'wheel']) addEventListener(name, () => { isActive = true; }, { capture: true, passive: true });
addEventListener('offline', () => socket?.readyState < 2 && lost());
addEventListener('online', open);
addEventListener('focus', open);
on('signed-out', () => {
  if (isOver) return;
  isOver = true;
  hangUp();
});
if (app) open();
