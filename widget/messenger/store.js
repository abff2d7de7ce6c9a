// What the messenger knows, and what each frame of the server changes in it. Screens hear of changes as events.
import { Closing } from './closing.js';
import { Conversations } from './conversations.js';
import { History } from './history.js';
import { Line } from './line.js';
import { Marks } from './marks.js';
import { isLocal, Outbox } from './outbox.js';
import { Polling, reach } from './polling.js';
import { isMine } from './summary.js';
import { Threads } from './threads.js';
import { Typing } from './typing.js';

/** Events: messages, conversations, typing, outbox, online, unread; received and acknowledged with a message; failed;
 * settled with {local, id}. */
class Store extends EventTarget {
  unread = 0;
  isOnline = true;
  isWatched = () => true;
  conversations = new Conversations();
  threads = new Threads();
  typing = new Typing((id) => this.changed('typing', id));

  constructor() {
    super();
    const changed = (what, detail) => this.changed(what, detail);
    const seen = () => this.threads.seen();
    this.polling = new Polling({ seen, isBusy: () => this.isWatched(), onNews: (news) => this.onNews(news), onState: (isOpen) => this.line.setOpen(isOpen) });
    const hear = { onFrame: (frame) => this[`on_${frame.type}`]?.(frame), onState: (isOnline) => this.onState(isOnline), onClosed: () => this.closing.close() };
    this.line = new Line({ seen, ...hear, polling: this.polling });
    this.closing = new Closing({ line: this.line, changed, opened: (started) => this.on_welcome(started) });
    this.outbox = new Outbox({ line: this.line, taken: (message) => this.on_ack({ message }), changed });
    this.marks = new Marks(this.line);
    this.history = new History({ threads: this.threads, line: this.line, take: (message) => this.on_message({ message }) });
  }

  changed(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }

  async begin() {
    this.on_welcome(await this.closing.start());
    this.line.open();
  }

  /** Load the newest page of a thread, or the one before what is held; says whether there is more. */
  async load(id, before) {
    const hasMore = await this.history.load(id, before);
    this.changed('messages', id);
    return hasMore;
  }

  async loadMore() {
    await this.conversations.loadMore();
    this.changed('conversations');
  }

  onState(isOnline) {
    this.isOnline = isOnline;
    this.changed('online');
    if (isOnline) this.outbox.flush();
  }

  onNews({ conversations, messages, unread, may_write }) {
    if (!may_write) this.closing.close();
    messages.forEach((message) => this.on_message({ message }));
    for (const conversation of conversations) {
      this.on_conversation({ conversation });
      if (this.threads.sure.has(conversation.id)) this.threads.confirm(conversation.id, reach(conversation, messages));
    }
    this.marks.begin(conversations, (id) => this.conversations.get(id));
    this.on_unread({ count: unread });
    this.outbox.flush();
  }

  on_welcome({ conversations, unread }) {
    this.conversations.begin(conversations);
    this.marks.begin(conversations, (id) => this.conversations.get(id));
    this.on_unread({ count: unread });
    this.changed('conversations');
    this.outbox.flush();
  }

  on_message({ message }) {
    const id = message.conversation;
    const local = this.outbox.find(message.client_id)?.conversation;
    if (local && local !== id) this.settle(local, id);
    const isNew = this.threads.add(message);
    this.outbox.drop(message.client_id);
    this.history.heal(id);
    if (isNew) this.onNew(message);
    this.changed('messages', id);
  }

  /** What comes before its conversation is known is counted with it, and heard of all the same. */
  async onNew(message) {
    const id = message.conversation;
    const isUncounted = this.conversations.get(id) ? this.conversations.note(message) : void (await this.fetch(id));
    if (!isMine(message)) {
      if (isUncounted) this.on_unread({ count: this.unread + 1 });
      this.typing.note({ conversation: id, state: 'stop' });
      this.marks.delivered(id, message.seq);
      this.changed('received', message);
    }
    this.changed('conversations', id);
  }

  /** A thread that was made here only has got its conversation; or its session had ended, and another one follows. */
  settle(local, id) {
    if (isLocal(local) && local !== 'default') this.threads.confirm(id, 0);
    this.outbox.resolve(local, id);
    this.changed('settled', { local, id });
  }

  async fetch(id) {
    const conversation = await this.conversations.load(id);
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

  on_pong = ({ conversations }) => this.history.catchUp(conversations, (id) => this.conversations.get(id)?.last_seq ?? 0);
  on_gap = ({ conversation, after }) => this.history.pageOn(conversation, after);
  on_typing = (frame) => this.typing.note(frame);

  /** Note that all of a thread was read. The visitor's own words need no mark. */
  read(id) {
    const seq = this.threads.sorted(id).findLast((message) => !isMine(message))?.seq ?? 0;
    const count = this.conversations.read(id, seq);
    if (count < 0) return;
    this.on_unread({ count: Math.max(0, this.unread - count) });
    this.marks.read(id, seq);
    this.changed('conversations', id);
  }
}

export const store = new Store();
