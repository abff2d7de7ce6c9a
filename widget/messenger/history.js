// Fetching messages: pages of a thread, and what a line has missed.
import { call } from './api.js';

const HOLE_MS = 500;

export class History {
  healing = new Map();

  /** @param {{ threads: import('./threads.js').Threads, line: import('./line.js').Line, take: (message: any) => void }} given
   *  `take` is told of each message that was missed */
  constructor({ threads, line, take }) {
    Object.assign(this, { threads, line, take });
  }

  /** Load the newest page, or the one before what is held; says whether there is more.
   * @param {string} id @param {number} [before] */
  async load(id, before) {
    const page = await call('GET', `conversations/${id}/messages?limit=50${before ? `&before=${before}` : ''}`);
    page.messages.forEach((message) => this.threads.add(message));
    if (!before) this.threads.confirm(id, page.messages.at(-1)?.seq ?? 0);
    return page.meta.has_before;
  }

  /** Ask again for what should have come by now. @param {string} id */
  heal(id) {
    if (this.healing.has(id) || !this.threads.hasHole(id)) return;
    const ask = () => {
      this.healing.delete(id);
      if (this.threads.hasHole(id)) this.line.tell({ type: 'resume', conversation: id, after: this.threads.sure.get(id) });
    };
    this.healing.set(id, setTimeout(ask, HOLE_MS));
  }

  /** Ask for what is newer than what is here: a last message that was lost leaves no hole.
   * @param {Record<string, number>} newest seqs by thread @param {(id: string) => number} listed of a thread never loaded */
  catchUp(newest, listed) {
    for (const [id, seq] of Object.entries(newest)) {
      const after = this.threads.sure.get(id) ?? listed(id);
      if (after < seq) this.line.tell({ type: 'resume', conversation: id, after });
    }
  }

  /** More was missed than the socket replays: page on, as long as the server has more.
   * @param {string} id @param {number} after */
  async pageOn(id, after) {
    const page = await call('GET', `conversations/${id}/messages?limit=100&after=${after}`).catch(() => null);
    page?.messages.forEach(this.take);
    if (page?.meta.has_after) await this.pageOn(id, page.messages.at(-1).seq);
  }
}
