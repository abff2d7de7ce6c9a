// Telling the business what has arrived on this device, and what was read.
import { call } from './api.js';

const TOGETHER_MS = 150;

export class Marks {
  /** @param {import('./line.js').Line} line */
  constructor(line) {
    Object.assign(this, { line, arrived: new Map(), timer: 0, told: new Map() });
  }

  /** Note that everything up to a seq is here; marks of a burst go together. @param {string} id @param {number} seq */
  delivered(id, seq) {
    if (seq <= (this.told.get(id) ?? 0)) return;
    this.arrived.set(id, Math.max(seq, this.arrived.get(id) ?? 0));
    this.timer ||= setTimeout(() => this.flush(), TOGETHER_MS);
  }

  flush() {
    this.timer = 0;
    for (const [id, seq] of this.arrived) {
      this.told.set(id, Math.max(seq, this.told.get(id) ?? 0));
      this.tell('delivered', id, seq);
    }
    this.arrived.clear();
  }

  /** A new line: what was told on the one before may be lost. `held` are the rows here, `theirs` the server's. */
  begin(theirs, held) {
    this.told.clear();
    for (const { id, unread, last_seq, read_seq } of theirs) {
      const own = held(id).read_seq;
      if (own > read_seq) this.read(id, own);
      else if (unread) this.delivered(id, last_seq);
    }
  }

  /** @param {string} id @param {number} seq */
  read(id, seq) {
    // Read says delivered too.
    this.arrived.delete(id);
    this.told.set(id, seq);
    this.tell('read', id, seq);
  }

  tell(type, id, seq) {
    if (this.line.isClosed || this.line.tell({ type, conversation: id, seq })) return;
    call('POST', `conversations/${id}/activity`, { type: `conversation:${type}`, seq }).catch(() => this.told.delete(id));
  }
}
