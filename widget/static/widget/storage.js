// What this browser keeps: in local storage, or, where that is blocked, in memory for this visit.
import { config } from './words.js';

const prefix = `madang:${config.key}:`;
const memory = new Map();

/** @param {string} name */
export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(prefix + name)) ?? memory.get(name) ?? null;
  } catch {
    return memory.get(name) ?? null;
  }
}

/** @param {string} name @param {unknown} value */
export function remember(name, value) {
  memory.set(name, value);
  try {
    localStorage.setItem(prefix + name, JSON.stringify(value));
  } catch {
    // Blocked or full: memory has it.
  }
}

/** Give 128 random bits in hex; works on plain http too, where randomUUID does not. */
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
