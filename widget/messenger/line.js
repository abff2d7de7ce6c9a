// The live line: a socket that comes back by itself, or polling where sockets are blocked.
import { currentToken, start } from './api.js';

const WAITS_S = [1, 2, 4, 8, 15, 30];
const NO_TOKEN = 4401;
const CLOSED = 4423;
const ANSWER_MS = 8000;
// After a restart thousands come back at once, and the server takes them in one by one: who hangs up stands in line again.
const WELCOME_MS = 30_000;
const PING_MS = 25000;
// Where a socket never opened it may be blocked: ask by HTTP at once, so that nobody notices. One that was open comes back.
const TRIES_BEFORE_POLLING = 3;

/** Keeps one line to the server open.
 * `seen()` gives {conversation: seq up to which nothing is missing}; `onFrame` takes frames; `onState` hears true or false;
 * `onClosed` hears that the visitor may write nothing; `polling` starts and stops asking by HTTP. `round` counts connections: what was told in an earlier one may be lost. */
export class Line {
  constructor({ seen, onFrame, onState, onClosed, polling }) {
    Object.assign(this, { seen, onFrame, onState, onClosed, polling, isClosed: false, tries: 0, round: 0, everOpen: false, isOpen: false, pongs: [] });
    addEventListener('online', () => this.open());
    // A browser that knows it has no network leaves the socket open until it times out.
    addEventListener('offline', () => { this.setOpen(false); if (this.socket) this.drop(this.socket); });
    addEventListener('focus', () => this.check());
    // A line whose other end is gone says nothing, and neither does one that has nothing to say.
    setInterval(() => this.check(), PING_MS);
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return;
      if (this.isLive) this.check();
      else this.open();
    });
  }

  /** Whether frames can be told, and not by HTTP only. */
  get isLive() {
    return this.socket?.readyState === 1 && this.isWelcome;
  }

  open() {
    if (this.isClosed || (this.socket && this.socket.readyState < 2)) return;
    clearTimeout(this.timer);
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws/client/`);
    this.socket = socket;
    this.isWelcome = false;
    this.pongs = [];
    this.timer = setTimeout(() => this.drop(socket), ANSWER_MS);
    socket.onopen = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.drop(socket), WELCOME_MS);
      socket.send(JSON.stringify({ type: 'hello', token: currentToken(), seen: this.seen() }));
    };
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === 'pong') this.pongs.shift()?.();
      if (frame.type === 'welcome') this.welcome();
      return this.onFrame(frame);
    };
    socket.onclose = ({ code }) => this.socket === socket && this.lost(code);
  }

  welcome() {
    clearTimeout(this.timer);
    Object.assign(this, { tries: 0, everOpen: true, isWelcome: true, round: this.round + 1 });
    this.polling.stop();
    this.setOpen(true);
  }

  /** Stay away until `reopen`: the visitor may read and not write. */
  close() {
    this.isClosed = true;
    this.isOpen = this.isWelcome = false;
    clearTimeout(this.timer);
    this.polling.stop();
    this.socket?.close();
  }

  reopen() {
    Object.assign(this, { isClosed: false, tries: 0 });
    this.open();
  }

  lost(code) {
    clearTimeout(this.timer);
    if (code === CLOSED) this.onClosed();
    if (this.isClosed) return;
    if (!this.polling.isOn) this.setOpen(false);
    this.isWelcome = false;
    if (code === NO_TOKEN) start().then(() => this.again(), () => this.again());
    else this.again();
  }

  again() {
    if (this.isClosed) return;
    const wait = WAITS_S[Math.min(this.tries, WAITS_S.length - 1)] * 1000 * (0.8 + Math.random() * 0.4);
    this.tries += 1;
    this.timer = setTimeout(() => this.open(), wait);
    if (!this.everOpen || this.tries >= TRIES_BEFORE_POLLING) this.polling.start();
  }

  setOpen(isOpen) {
    if (this.isClosed || this.isOpen === isOpen) return;
    this.isOpen = isOpen;
    this.onState(isOpen);
  }

  /** Send a frame by the socket; say whether it could be. @param {object} frame */
  tell(frame) {
    if (!this.isLive) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Find out whether anybody is at the other end; if not, connect anew. */
  check() {
    const { socket } = this;
    if (!this.tell({ type: 'ping' })) return;
    const timer = setTimeout(() => this.drop(socket), ANSWER_MS);
    this.pongs.push(() => clearTimeout(timer));
  }

  /** Give a socket up at once: closing one whose other end is gone takes the browser a minute. */
  drop(socket) {
    if (socket !== this.socket) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
    this.socket = null;
    this.lost(0);
  }
}
