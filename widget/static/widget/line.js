// The live line: a socket that comes back by itself, or polling where sockets are blocked.
import { call, currentToken, start } from './api.js';

const WAITS = [1, 2, 4, 8, 15, 30];
const POLL_MS = 3000;
const TRIES_BEFORE_POLLING = 3;

/** Keeps one line to the server open.
 * `seen()` gives {conversation: last seq without a hole}; `onFrame` takes frames; `onState` hears true or false. */
export class Line {
  constructor({ seen, onFrame, onState }) {
    Object.assign(this, { seen, onFrame, onState, tries: 0, everOpen: false, isOpen: false, isPolling: false });
    addEventListener('online', () => this.open());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.open());
  }

  open() {
    clearTimeout(this.timer);
    if (this.socket && this.socket.readyState < 2) return;
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws/client/`);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', token: currentToken(), seen: this.seen() }));
    socket.onmessage = (event) => {
      const frame = JSON.parse(event.data);
      if (frame.type === 'welcome') {
        this.tries = 0;
        this.everOpen = true;
        this.isPolling = false;
        this.setOpen(true);
      }
      this.onFrame(frame);
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.setOpen(false);
      if (event.code === 4401) start().then(() => this.again(), () => this.again());
      else this.again();
    };
  }

  again() {
    const wait = WAITS[Math.min(this.tries, WAITS.length - 1)] * 1000 * (0.8 + Math.random() * 0.4);
    this.tries += 1;
    this.timer = setTimeout(() => this.open(), wait);
    if (!this.everOpen && this.tries >= TRIES_BEFORE_POLLING && !this.isPolling) {
      this.isPolling = true;
      this.poll();
    }
  }

  async poll() {
    if (!this.isPolling) return;
    try {
      const news = await call('GET', `poll?after=${encodeURIComponent(JSON.stringify(this.seen()))}`);
      this.setOpen(true);
      news.conversations.forEach((conversation) => this.onFrame({ type: 'conversation', conversation }));
      news.messages.forEach((message) => this.onFrame({ type: 'message', message }));
      this.onFrame({ type: 'unread', count: news.unread });
    } catch {
      this.setOpen(false);
    }
    setTimeout(() => this.poll(), POLL_MS);
  }

  setOpen(isOpen) {
    if (this.isOpen === isOpen) return;
    this.isOpen = isOpen;
    this.onState(isOpen);
  }

  /** Send a frame by the socket; say whether it could be. */
  tell(frame) {
    if (!this.isOpen || this.isPolling || this.socket.readyState !== 1) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }
}
