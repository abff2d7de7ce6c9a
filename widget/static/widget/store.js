// What the messenger knows: conversations, their messages by seq, and what is still to be sent.
import { call, start } from './api.js';
import { Line } from './line.js';
import { randomId, recall, remember } from './storage.js';

const STILL_MS = 30000;
export const DEFAULT = 'default';

class Store extends EventTarget {
  constructor() {
    super();
    this.conversations = new Map();
    this.messages = new Map();
    this.outbox = (recall('outbox') || []).map((entry) => ({ ...entry, state: 'sending' }));
    this.contact = null;
    this.unread = 0;
    this.isOnline = true;
    this.typing = new Map();
    this.line = new Line({
      seen: () => Object.fromEntries([...this.messages.keys()].map((id) => [id, this.newest(id)])),
      onFrame: (frame) => this[`on_${frame.type}`]?.(frame),
      onState: (isOnline) => this.onState(isOnline),
    });
  }

  changed(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }

  async begin() {
    const started = await start();
    this.contact = started.contact;
    this.unread = started.unread;
    started.conversations.forEach((conversation) => this.conversations.set(conversation.id, conversation));
    this.line.open();
    this.changed('conversations');
    this.changed('unread');
  }

  thread(id) {
    if (!this.messages.has(id)) this.messages.set(id, new Map());
    return this.messages.get(id);
  }

  /** Give the newest seq held. Holes are no sign of loss here: agents' notes take a seq too and never come. */
  newest(id) {
    return Math.max(0, ...this.thread(id).keys());
  }

  /** Load the newest page, or the one before what is held; says whether there is more. */
  async load(id, before) {
    const page = await call('GET', `conversations/${id}/messages?limit=50${before ? `&before=${before}` : ''}`);
    page.messages.forEach((message) => this.thread(id).set(message.seq, message));
    this.changed('messages', id);
    return page.meta.has_before;
  }

  async catchUp(id, after) {
    const page = await call('GET', `conversations/${id}/messages?limit=100&after=${after}`);
    page.messages.forEach((message) => this.thread(id).set(message.seq, message));
    this.changed('messages', id);
    if (page.meta.has_after) await this.catchUp(id, page.messages.at(-1).seq);
  }

  send(conversation, content) {
    this.outbox.push({ client_id: randomId(), conversation, content, state: 'sending', at: new Date().toISOString() });
    this.keepOutbox();
    this.flush();
  }

  keepOutbox() {
    remember('outbox', this.outbox);
    this.changed('messages');
  }

  /** Send what waits, in order; the server takes each client_id once, however often it comes. */
  flush() {
    for (const entry of this.outbox) {
      if (entry.state !== 'sending') continue;
      const { client_id, conversation, content } = entry;
      const isSent = this.line.tell({ type: 'send', client_id, conversation, content });
      if (!isSent && this.line.isPolling) this.post(entry);
      clearTimeout(entry.timer);
      const timer = setTimeout(() => isSent && this.line.isOpen && this.fail(client_id), STILL_MS);
      Object.defineProperty(entry, 'timer', { value: timer, writable: true, configurable: true, enumerable: false });
    }
  }

  async post({ client_id, conversation, content }) {
    try {
      this.on_ack(await call('POST', `conversations/${conversation}/messages`, { client_id, content }));
    } catch (error) {
      if (error.status) this.fail(client_id, error.message);
    }
  }

  fail(client_id, reason) {
    const entry = this.outbox.find((each) => each.client_id === client_id);
    if (!entry) return;
    Object.assign(entry, { state: 'failed', reason });
    this.keepOutbox();
    this.changed('failed');
  }

  retry(client_id) {
    const entry = this.outbox.find((each) => each.client_id === client_id);
    if (entry) entry.state = 'sending';
    this.keepOutbox();
    this.flush();
  }

  discard(client_id) {
    this.outbox = this.outbox.filter((each) => each.client_id !== client_id);
    this.keepOutbox();
  }

  onState(isOnline) {
    this.isOnline = isOnline;
    this.changed('online');
    if (isOnline) this.flush();
  }

  on_welcome(frame) {
    this.contact = frame.contact;
    frame.conversations.forEach((conversation) => this.conversations.set(conversation.id, conversation));
    this.on_unread({ count: frame.unread });
    this.changed('conversations');
  }

  on_message({ message }) {
    const id = message.conversation;
    const isNew = !this.thread(id).has(message.seq);
    this.thread(id).set(message.seq, message);
    this.outbox = this.outbox.filter((entry) => entry.client_id !== message.client_id);
    remember('outbox', this.outbox);
    this.typing.delete(id);
    if (isNew && !this.isMine(message)) this.changed('received', message);
    this.changed('messages', id);
  }

  on_ack({ message }) {
    this.on_message({ message });
    this.changed('acknowledged', message);
  }

  on_error({ client_id, title }) {
    if (client_id) this.fail(client_id, title);
  }

  on_conversation({ conversation }) {
    conversation.read_seq = Math.max(conversation.read_seq, this.conversations.get(conversation.id)?.read_seq ?? 0);
    this.conversations.set(conversation.id, conversation);
    this.changed('conversations', conversation.id);
  }

  on_unread({ count }) {
    this.unread = count;
    this.changed('unread');
  }

  on_gap({ conversation, after }) {
    this.catchUp(conversation, after);
  }

  on_typing({ conversation, author, state }) {
    clearTimeout(this.typing.get(conversation)?.timer);
    this.typing.delete(conversation);
    if (state === 'start') {
      const timer = setTimeout(() => this.on_typing({ conversation, author, state: 'stop' }), 10000);
      this.typing.set(conversation, { author, timer });
    }
    this.changed('typing', conversation);
  }

  isMine(message) {
    return message.author.type === 'contact' && message.author.id === this.contact?.id;
  }

  sayTyping(conversation, state) {
    if (conversation !== DEFAULT) this.line.tell({ type: 'typing', conversation, state });
  }

  read(id) {
    const seq = this.newest(id);
    const conversation = this.conversations.get(id);
    if (!conversation || seq <= conversation.read_seq) return;
    conversation.read_seq = seq;
    if (!this.line.tell({ type: 'read', conversation: id, seq })) {
      call('POST', `conversations/${id}/activity`, { type: 'conversation:read', seq }).catch(() => {});
    }
  }
}

export const store = new Store();
