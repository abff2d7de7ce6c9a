// One socket a page: facts in, DOM events out. A lost socket costs freshness, not truth.
import { app, words } from './words.js';

const WAITS = [1, 2, 4, 8, 15, 30];
const LIST_EVERY_MS = 1000;
const banner = document.getElementById('banner');
let socket = null;
let tries = 0;
let bannerTimer = 0;
let lastInbox = 0;
let inboxTimer = 0;

export const isOpen = () => socket?.readyState === 1;

/** @param {object} frame */
export function tell(frame) {
  if (isOpen()) socket.send(JSON.stringify(frame));
}

const fire = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { detail }));

function inboxChanged() {
  clearTimeout(inboxTimer);
  const wait = Math.max(0, lastInbox + LIST_EVERY_MS - Date.now());
  inboxTimer = setTimeout(() => {
    lastInbox = Date.now();
    fire('inbox-changed');
  }, wait);
}

function take(frame) {
  if (frame.type === 'changed') {
    for (const name of frame.changed) {
      if (name === 'inbox') inboxChanged();
      else fire(`${name}-changed`, frame);
    }
  }
  if (frame.type === 'typing') fire(`${frame.typing}-typing`, frame);
  if (frame.type === 'presence') fire(`${frame.presence}-presence`, frame);
}

export function open() {
  if (socket && socket.readyState < 2) return;
  socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws/agent/`);
  socket.onmessage = (event) => {
    const frame = JSON.parse(event.data);
    if (frame.type !== 'welcome') return take(frame);
    if (tries) {
      inboxChanged();
      fire('missed');
    }
    tries = 0;
    clearTimeout(bannerTimer);
    banner.replaceChildren();
    fire('online-again');
    return undefined;
  };
  socket.onclose = (event) => {
    if (event.code === 4401) return location.reload();
    if (!tries) bannerTimer = setTimeout(showOffline, 2000);
    setTimeout(open, WAITS[Math.min(tries, WAITS.length - 1)] * 1000 * (0.8 + Math.random() * 0.4));
    tries += 1;
    return undefined;
  };
}

function showOffline() {
  const row = document.createElement('div');
  row.className = 'm-banner';
  row.textContent = words.offline;
  banner.replaceChildren(row);
}

addEventListener('online', open);
if (app) open();
