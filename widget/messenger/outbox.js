// What is still to be sent. Each entry is kept under its own name, so that tabs never write over each other's.
import { call } from './api.js';
import { forget, onOtherTab, randomId, recallAll, remember } from './storage.js';

const START = 'out:';
const SLOW_MS = 10000;
const LOST_MS = 30000;
// How long an entry that another tab has sent may wait here for its message before it goes.
const LINGER_MS = 1500;

/** A thread that is not on the server yet: the visitor's first one, or another new one. @param {string} id */
export const isLocal = (id) => id === 'default' || id.startsWith('new:');
const wireName = (id) => (id.startsWith('new:') ? 'new' : id);

/** @typedef {{ client_id: string, conversation: string, content: any, state: 'sending' | 'failed', reason?: string, at: string, order: number }} Entry */

export class Outbox {
  /** @param {{ line: import('./line.js').Line, taken: (message: any) => void, changed: (what: string, detail?: any) => void }} given */
  constructor({ line, taken, changed }) {
    Object.assign(this, { line, taken, changed, told: new Map(), isPosting: false });
    /** @type {Entry[]} */
    this.entries = recallAll(START).sort((a, b) => a.order - b.order);
    onOtherTab(START, (id, entry) => this.onOther(id, entry));
    setInterval(() => this.entries.length && this.tick(), 1000);
  }

  /** @param {string} id @returns {Entry[]} */
  of(id) {
    return this.entries.filter((entry) => entry.conversation === id);
  }

  find(client_id) {
    return this.entries.find((entry) => entry.client_id === client_id);
  }

  add(conversation, content) {
    if (this.line.isClosed) return;
    const order = Math.max(Date.now(), (this.entries.at(-1)?.order ?? 0) + 1);
    this.put({ client_id: randomId(), conversation, content, state: 'sending', at: new Date().toISOString(), order });
    this.flush();
  }

  put(entry) {
    this.entries = [...this.entries.filter((each) => each.client_id !== entry.client_id), entry].sort((a, b) => a.order - b.order);
    remember(START + entry.client_id, entry);
    this.changed('outbox');
  }

  /** Forget an entry: its message is stored, or the visitor does not want it sent. */
  drop(client_id) {
    if (!this.find(client_id)) return;
    this.entries = this.entries.filter((each) => each.client_id !== client_id);
    this.told.delete(client_id);
    forget(START + client_id);
    this.changed('outbox');
  }

  /** Send what waits, in order; the server takes each client_id once, however often it comes. */
  flush() {
    if (!this.line.isLive) return void this.flushByPost();
    for (const entry of this.entries) {
      const { client_id, conversation, content } = entry;
      if (entry.state !== 'sending' || this.told.get(client_id)?.round === this.line.round || this.isHeld(entry)) continue;
      this.line.tell({ type: 'send', client_id, conversation: wireName(conversation), content });
      this.told.set(client_id, { round: this.line.round, at: Date.now() });
    }
  }

  async flushByPost() {
    if (this.isPosting || !this.line.polling.isOn) return;
    this.isPosting = true;
    for (let entry; (entry = this.entries.find((each) => each.state === 'sending' && !this.isHeld(each))); ) {
      const { client_id, conversation, content } = entry;
      this.told.set(client_id, { round: -1, at: Date.now() });
      try {
        const { message } = await call('POST', `conversations/${wireName(conversation)}/messages`, { client_id, content });
        this.taken(message);
      } catch (error) {
        // No answer, or one of a server in trouble: the next answered poll tries again.
        if (!error.status || error.status >= 500 || error.isClosed) break;
        this.fail(client_id, error.message);
      }
    }
    this.isPosting = false;
  }

  /** The second message of a new thread waits until the first has made the thread. */
  isHeld(entry) {
    return entry.conversation.startsWith('new:') && this.of(entry.conversation).find((each) => each.state === 'sending') !== entry;
  }

  /** Give the waiting entries of a thread their conversation. */
  resolve(local, id) {
    for (const entry of this.of(local)) this.put({ ...entry, conversation: id });
    this.flush();
  }

  /** @param {string} client_id @param {{ code?: string, title?: string, limit?: any }} error */
  refused(client_id, { code, title, limit }) {
    if (code !== 'too_many_requests') return this.fail(client_id, title);
    return void setTimeout(() => { this.told.delete(client_id); this.flush(); }, 1000 * (Number(limit) || 1));
  }

  fail(client_id, reason) {
    const entry = this.find(client_id);
    if (!entry) return;
    this.put({ ...entry, state: 'failed', reason });
    this.changed('failed');
    this.flush();
  }

  retry(client_id) {
    this.told.delete(client_id);
    this.put({ ...this.find(client_id), state: 'sending', reason: undefined });
    this.flush();
  }

  /** Give how long an entry has been on its way, in ms; 0 when it could not be told yet. */
  age({ client_id }) {
    const told = this.told.get(client_id);
    return told ? Date.now() - told.at : 0;
  }

  tick() {
    for (const entry of this.entries) {
      const told = this.told.get(entry.client_id);
      if (entry.state !== 'sending' || !told || !this.line.isOpen) continue;
      const age = this.age(entry);
      if (told.isForeign && age > SLOW_MS) this.told.delete(entry.client_id);
      else if (age > LOST_MS) this.fail(entry.client_id);
      else if (age > SLOW_MS && this.line.isLive && !told.isChecked) { told.isChecked = true; this.line.check(); }
    }
    this.flush();
    this.changed('outbox');
  }

  /** Show what another tab sends; send it here only when that tab has not for 10 s. */
  onOther(client_id, entry) {
    if (entry === null) return void setTimeout(() => this.drop(client_id), LINGER_MS);
    this.entries = [...this.entries.filter((each) => each.client_id !== client_id), entry].sort((a, b) => a.order - b.order);
    this.told.set(client_id, { round: this.line.round, at: Date.now(), isForeign: true });
    return this.changed('outbox');
  }
}
