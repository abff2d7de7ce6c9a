// The visitor's conversations as rows: who wrote last, what is unread, how the session stands.
import { call } from './api.js';
import { isMine, summaryOf } from './summary.js';

const PAGE = 50;

export class Conversations {
  /** @type {Map<string, any>} */
  rows = new Map();
  /** Ends of sessions seen while open: conversation → [{after: seq, by}]. */
  ends = new Map();
  hasMore = false;
  before = '';

  /** @param {string} id */
  get(id) {
    return this.rows.get(id);
  }

  get size() {
    return this.rows.size;
  }

  /** Give those with messages, newest first. @returns {any[]} */
  recent() {
    const moment = (each) => each.last_message_at || each.created_at;
    return [...this.rows.values()].filter((each) => each.last_seq).sort((a, b) => moment(b).localeCompare(moment(a)));
  }

  /** Give one without messages, where a new one may go. */
  empty() {
    return [...this.rows.values()].find((each) => !each.last_seq);
  }

  /** Take a first page; one that is full may have another behind it. @param {any[]} conversations */
  begin(conversations) {
    if (!this.before) this.hasMore = conversations.length >= PAGE;
    conversations.forEach((conversation) => this.keep(conversation, 0));
  }

  /** Load one more page. Where the first one ends, only the list itself tells. */
  async loadMore() {
    if (!this.before) await this.page();
    if (this.hasMore) await this.page();
  }

  async page() {
    const page = await call('GET', `conversations?before=${encodeURIComponent(this.before)}`);
    page.conversations.forEach((conversation) => this.keep(conversation, 0));
    this.before = page.meta.before;
    this.hasMore = page.meta.has_more;
  }

  /** Load one row. Gives nothing where a frame told of it meanwhile: that is newer. @param {string} id */
  async load(id) {
    const before = this.rows.get(id);
    const { conversation } = await call('GET', `conversations/${id}`).catch(() => ({}));
    return this.rows.get(id) === before ? conversation : undefined;
  }

  /** Take a row of the server. `newest` is the seq of the last message held of it. @param {any} conversation */
  keep(conversation, newest) {
    const { id, session } = conversation;
    const known = this.rows.get(id);
    if (known && known.session.state !== 'none' && session.state === 'none') this.noteEnd(id, newest, session.ended_by);
    const row = { ...conversation, read_seq: Math.max(conversation.read_seq, known?.read_seq ?? 0) };
    // What was sent before a message that is held already says less than is known.
    if (known && known.last_seq > row.last_seq) {
      for (const name of ['last_seq', 'last_message_at', 'preview', 'preview_author', 'author']) row[name] = known[name];
    }
    this.rows.set(id, row);
  }

  noteEnd(id, after, by) {
    const ends = this.ends.get(id) || [];
    if (by && !ends.some((end) => end.after >= after)) this.ends.set(id, [...ends, { after, by }]);
  }

  /** Let a message that just came change its row; say whether the row did not count it yet. @param {any} message */
  note(message) {
    const row = this.rows.get(message.conversation);
    if (message.seq <= row.last_seq) return false;
    Object.assign(row, summaryOf(message));
    if (!isMine(message)) row.unread += 1;
    else if (row.session.state === 'none') {
      // The visitor's word begins the next session; where the last one ended stays in the thread.
      this.noteEnd(row.id, message.previous, row.session.ended_by);
      row.session = { state: 'active', ended_by: '' };
    }
    return true;
  }

  /** Note that all is read up to a seq; give how many that were, or -1 for no news. @param {string} id @param {number} seq */
  read(id, seq) {
    const row = this.rows.get(id);
    if (!row || seq <= row.read_seq) return -1;
    const { unread } = row;
    Object.assign(row, { read_seq: seq, unread: 0 });
    return unread;
  }
}
