// What this browser keeps: in local storage, or, where that is blocked or full or for a preview, in memory for this visit.
import { config } from './words.js';

const prefix = `madang:${config.key}:`;
const memory = new Map();
// Without a storage the calls below throw, as they do where it is blocked.
const kept = () => (config.preview ? null : localStorage);

/** @param {string} name @returns {any} null when there is nothing */
export function recall(name) {
  try {
    return JSON.parse(kept().getItem(prefix + name)) ?? memory.get(name) ?? null;
  } catch {
    return memory.get(name) ?? null;
  }
}

/** @param {string} name @param {unknown} value */
export function remember(name, value) {
  memory.set(name, value);
  try {
    kept().setItem(prefix + name, JSON.stringify(value));
  } catch {
    // Blocked or full: memory has it.
  }
}

/** @param {string} name */
export function forget(name) {
  memory.delete(name);
  try {
    kept().removeItem(prefix + name);
  } catch {
    // Blocked: memory had it.
  }
}

/** Give everything kept under names that begin so. @param {string} start @returns {any[]} */
export function recallAll(start) {
  const names = new Set([...memory.keys()].filter((name) => name.startsWith(start)));
  try {
    for (const key of Object.keys(kept())) if (key.startsWith(prefix + start)) names.add(key.slice(prefix.length));
  } catch {
    // Blocked: memory has all there is.
  }
  return [...names].map(recall).filter(Boolean);
}

/** Hear of what this visitor's other tabs keep and forget under names that begin so.
 * @param {string} start @param {(name: string, value: any) => void} hear  value is null for what was forgotten */
export function onOtherTab(start, hear) {
  if (config.preview) return;
  addEventListener('storage', ({ key, newValue }) => {
    if (!key?.startsWith(prefix + start)) return;
    const name = key.slice(prefix.length);
    memory.delete(name);
    hear(name.slice(start.length), newValue === null ? null : JSON.parse(newValue));
  });
}

/** Give 128 random bits in hex; works on plain http too, where randomUUID does not. */
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
