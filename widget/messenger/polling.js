// Asking by HTTP for what a socket would bring.
import { call } from './api.js';

const BUSY_MS = 3000;
const QUIET_MS = 10000;
// The server's page: fewer than these from one conversation, and nothing is left.
const PAGE = 50;

export class Polling {
  /** @param {{ seen: () => object, isBusy: () => boolean, onNews: (news: any) => void, onState: (isOpen: boolean) => void }} given */
  constructor({ seen, isBusy, onNews, onState }) {
    Object.assign(this, { seen, isBusy, onNews, onState, isOn: false, timer: 0 });
  }

  start() {
    if (this.isOn) return;
    this.isOn = true;
    this.ask();
  }

  stop() {
    this.isOn = false;
    clearTimeout(this.timer);
  }

  async ask() {
    try {
      const news = await call('GET', `poll?after=${encodeURIComponent(JSON.stringify(this.seen()))}`);
      if (!this.isOn) return;
      this.onNews(news);
      this.onState(true);
    } catch {
      if (this.isOn) this.onState(false);
    }
    if (!this.isOn) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), this.isBusy() ? BUSY_MS : QUIET_MS);
  }
}

/** Give up to which seq an answer holds everything of a conversation. @param {any} conversation @param {any[]} messages */
export function reach(conversation, messages) {
  const own = messages.filter((message) => message.conversation === conversation.id);
  return own.length < PAGE ? conversation.last_seq : own.at(-1).seq;
}
