// What the messenger knows, and what each frame of the server changes in it. Screens hear of changes as events.
import { call, start } from './api.js';
import { Conversations } from './conversations.js';
import { Line } from './line.js';
import { Marks } from './marks.js';
import { isLocal, Outbox } from './outbox.js';
import { Polling, reach } from './polling.js';
import { Threads } from './threads.js';

const HOLE_MS = 500;
const TYPING_MS = 10000;

/** Events: messages, conversations, typing, outbox, online, unread; received and acknowledged with a message; failed;
 * settled with {local, id}. */
class Store extends EventTarget {
  contact = null;
  unread = 0;
  isOnline = true;
  isWatched = () => true;
  conversations = new Conversations();
  threads = new Threads();
  typing = new Map();
  healing = new Map();

  constructor() {
    super();
    const changed = (what, detail) => this.changed(what, detail);
    const seen = () => this.threads.seen();
    const onState = (isOpen) => this.line.setOpen(isOpen);
    this.polling = new Polling({ seen, isBusy: () => this.isWatched(), onNews: (news) => this.onNews(news), onState });
    const onFrame = (frame) => this[`on_${frame.type}`]?.(frame);
    this.line = new Line({ seen, onFrame, onState: (isOnline) => this.onState(isOnline), polling: this.polling });
    this.outbox = new Outbox({ line: this.line, post: (entry) => this.post(entry), changed });
    this.marks = new Marks(this.line);
  }

  changed(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }

  async begin() {
    this.on_welcome(await start());
    this.line.open();
  }

  /** Load the newest page, or the one before what is held; says whether there is more. */
  async load(id, before) {
    const page = await call('GET', `conversations/${id}/messages?limit=50${before ? `&before=${before}` : ''}`);
    page.messages.forEach((message) => this.threads.add(message));
    if (!before) this.threads.confirm(id, page.messages.at(-1)?.seq ?? 0);
    this.changed('messages', id);
    return page.meta.has_before;
  }

  async loadMore() {
    await this.conversations.loadMore();
    this.changed('conversations');
  }

  send(conversation, content) {
    this.outbox.add(conversation, content);
  }

  async post({ client_id, conversation, content }) {
    this.on_ack(await call('POST', `conversations/${conversation}/messages`, { client_id, content }));
  }

  onState(isOnline) {
    this.isOnline = isOnline;
    this.changed('online');
    if (isOnline) this.outbox.flush();
  }

  onNews({ conversations, messages, unread }) {
    messages.forEach((message) => this.on_message({ message }));
    for (const conversation of conversations) {
      this.on_conversation({ conversation });
      if (this.threads.sure.has(conversation.id)) this.threads.confirm(conversation.id, reach(conversation, messages));
    }
    this.on_unread({ count: unread });
    this.outbox.flush();
  }

  on_welcome({ contact, conversations, unread }) {
    this.contact = contact;
    this.conversations.begin(conversations);
    conversations.forEach((each) => each.unread && this.marks.delivered(each.id, each.last_seq));
    this.on_unread({ count: unread });
    this.changed('conversations');
    this.outbox.flush();
  }

  on_message({ message }) {
    const id = message.conversation;
    const local = this.outbox.find(message.client_id)?.conversation;
    if (local && isLocal(local)) this.settle(local, id);
    const isNew = this.threads.add(message);
    this.outbox.drop(message.client_id);
    if (this.threads.hasHole(id)) this.heal(id);
    if (isNew) this.onNew(message);
    this.changed('messages', id);
  }

  onNew(message) {
    const id = message.conversation;
    if (!this.conversations.get(id)) return void this.fetch(id);
    const isUncounted = this.conversations.note(message);
    if (!this.isMine(message)) {
      if (isUncounted) this.on_unread({ count: this.unread + 1 });
      this.on_typing({ conversation: id, author: message.author, state: 'stop' });
      this.marks.delivered(id, message.seq);
      this.changed('received', message);
    }
    this.changed('conversations', id);
  }

  /** A thread that was made here only has got its conversation. */
  settle(local, id) {
    if (local !== 'default') this.threads.confirm(id, 0);
    this.outbox.resolve(local, id);
    this.changed('settled', { local, id });
  }

  /** Ask again for what should have come by now. */
  heal(id) {
    if (this.healing.has(id)) return;
    const ask = () => {
      this.healing.delete(id);
      if (this.threads.hasHole(id)) this.line.tell({ type: 'resume', conversation: id, after: this.threads.sure.get(id) });
    };
    this.healing.set(id, setTimeout(ask, HOLE_MS));
  }

  async fetch(id) {
    const { conversation } = await call('GET', `conversations/${id}`).catch(() => ({}));
    if (conversation) this.on_conversation({ conversation });
  }

  on_ack({ message }) {
    this.on_message({ message });
    this.changed('acknowledged', message);
  }

  on_error({ client_id, ...error }) {
    if (client_id) this.outbox.refused(client_id, error);
  }

  on_conversation({ conversation }) {
    this.conversations.keep(conversation, this.threads.newest(conversation.id));
    if (conversation.unread) this.marks.delivered(conversation.id, conversation.last_seq);
    this.changed('conversations', conversation.id);
  }

  on_unread({ count }) {
    if (this.unread === count) return;
    this.unread = count;
    this.changed('unread');
  }

  /** More was missed than the socket replays: page on, as long as the server has more. */
  async on_gap({ conversation, after }) {
    const page = await call('GET', `conversations/${conversation}/messages?limit=100&after=${after}`).catch(() => null);
    page?.messages.forEach((message) => this.on_message({ message }));
    if (page?.meta.has_after) await this.on_gap({ conversation, after: page.messages.at(-1).seq });
  }

  on_typing({ conversation, author, state }) {
    clearTimeout(this.typing.get(conversation)?.timer);
    const wasTyping = this.typing.delete(conversation);
    if (state === 'start') {
      const timer = setTimeout(() => this.on_typing({ conversation, author, state: 'stop' }), TYPING_MS);
      this.typing.set(conversation, { author, timer });
    }
    if (wasTyping || state === 'start') this.changed('typing', conversation);
  }

  isMine(message) {
    return message.author.type === 'contact';
  }

  sayTyping(conversation, state) {
    if (!isLocal(conversation)) this.line.tell({ type: 'typing', conversation, state });
  }

  /** Note that all of a thread was read. The visitor's own words need no mark. */
  read(id) {
    const seq = this.threads.sorted(id).findLast((message) => !this.isMine(message))?.seq ?? 0;
    const count = this.conversations.read(id, seq);
    if (count < 0) return;
    this.on_unread({ count: Math.max(0, this.unread - count) });
    this.marks.read(id, seq);
    this.changed('conversations', id);
  }
}

export const store = new Store();
