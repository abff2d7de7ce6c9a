// Who is typing where. A start that no stop follows ends by itself.
const TYPING_MS = 10000;

export class Typing {
  rows = new Map();

  /** @param {(id: string) => void} changed */
  constructor(changed) {
    this.changed = changed;
  }

  /** @param {string} id @returns {{ type: string, name: string } | undefined} */
  get(id) {
    return this.rows.get(id)?.author;
  }

  /** @param {{ conversation: string, author: any, state: string }} frame */
  note({ conversation, author, state }) {
    clearTimeout(this.rows.get(conversation)?.timer);
    const wasTyping = this.rows.delete(conversation);
    if (state === 'start') {
      const timer = setTimeout(() => this.note({ conversation, author, state: 'stop' }), TYPING_MS);
      this.rows.set(conversation, { author, timer });
    }
    if (wasTyping || state === 'start') this.changed(conversation);
  }
}
