// The visitor may read and write nothing: everything stays still until they may again.
import { start, whenClosed } from './api.js';

// 15 to 30 seconds: many who were blocked at once do not come back at once.
const ASK_AGAIN_MS = 15_000;

export class Closing {
  isClosed = false;

  /** `opened` takes what the server tells once the visitor may write again.
   * @param {{ line: import('./line.js').Line, changed: (what: string) => void, opened: (started: any) => void }} given */
  constructor({ line, changed, opened }) {
    Object.assign(this, { line, changed, opened });
    whenClosed.act = () => this.close();
  }

  /** Start or resume; gives what the server tells; somebody new who may not write has nothing here. */
  async start() {
    try {
      const started = await start();
      if (!started.may_write) this.close();
      return started;
    } catch (error) {
      if (!error.isClosed) throw error;
      return { conversations: [], unread: 0 };
    }
  }

  close() {
    if (this.isClosed) return;
    this.isClosed = true;
    this.line.close();
    this.tell();
    this.wait();
  }

  open(started) {
    this.isClosed = false;
    this.opened(started);
    this.line.reopen();
    this.tell();
  }

  tell() {
    for (const what of ['conversations', 'outbox', 'messages', 'closed']) this.changed(what);
  }

  wait() {
    setTimeout(() => this.askAgain(), ASK_AGAIN_MS * (1 + Math.random()));
  }

  /** A block may be lifted: ask now and then, as long as somebody may be looking. */
  async askAgain() {
    if (document.hidden) return document.addEventListener('visibilitychange', () => this.askAgain(), { once: true });
    const started = await start().catch(() => null);
    return started?.may_write ? this.open(started) : this.wait();
  }
}
