// The visitor may read and write nothing: everything stays still until the page is loaded anew.
import { start, whenClosed } from './api.js';

export class Closing {
  isClosed = false;

  /** @param {{ line: import('./line.js').Line, changed: (what: string) => void }} given */
  constructor({ line, changed }) {
    Object.assign(this, { line, changed });
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
    for (const what of ['conversations', 'outbox', 'messages', 'closed']) this.changed(what);
  }
}
