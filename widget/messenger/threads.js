// The messages held, by conversation and seq, and how far each thread is known to miss nothing.

/** Agents' notes take a seq too and never come, and messages may arrive out of order, so a hole in the seqs may or may not
 * be a loss. Each message therefore names the one `previous` to it, and each thread has its `sure`: up to there nothing is
 * missing. A line that comes back asks from there on; what it is told twice is the same entry of the map. */
export class Threads {
  held = new Map();
  sure = new Map();

  /** @param {string} id @returns {Map<number, any>} */
  of(id) {
    if (!this.held.has(id)) this.held.set(id, new Map());
    return this.held.get(id);
  }

  /** @param {string} id @returns {any[]} in the order of seq */
  sorted(id) {
    return [...this.of(id).values()].sort((a, b) => a.seq - b.seq);
  }

  /** @param {string} id */
  newest(id) {
    return Math.max(0, ...this.of(id).keys());
  }

  /** Take a message in; say whether it is new here. @param {any} message */
  add(message) {
    const thread = this.of(message.conversation);
    const isNew = !thread.has(message.seq);
    thread.set(message.seq, message);
    this.confirm(message.conversation, this.sure.get(message.conversation));
    return isNew;
  }

  /** Note that nothing is missing up to a seq, and what follows on it. A thread never loaded has no `sure`.
   * @param {string} id @param {number} [seq] */
  confirm(id, seq) {
    if (seq === undefined) return;
    let sure = Math.max(seq, this.sure.get(id) ?? 0);
    if (this.newest(id) > sure) {
      for (const message of this.sorted(id)) if (message.seq > sure && message.previous <= sure) sure = message.seq;
    }
    this.sure.set(id, sure);
  }

  /** Whether something is missing below the newest. @param {string} id */
  hasHole(id) {
    return this.sure.has(id) && this.newest(id) > this.sure.get(id);
  }

  /** What a line that comes back says it has. */
  seen() {
    return Object.fromEntries(this.sure);
  }
}
