// What lists, headers and announcements say of people and messages.
import { config, t } from './words.js';

/** Give a message's words, or what stands for them. @param {any} content */
export function wordsOf(content) {
  const { type, text, textFallback, altText, items } = content;
  return text || textFallback || altText || items?.map((item) => item.title).join(', ') || t(type === 'image' ? 'image' : 'message');
}

/** Give what a new message changes in the row of its conversation, as the server will tell it. @param {any} message */
export function summaryOf(message) {
  return {
    last_seq: message.seq,
    last_message_at: message.created_at,
    preview: wordsOf(message.content),
    preview_author: message.author.type,
    ...(isMine(message) ? {} : { author: message.author }),
  };
}

/** Whether the visitor wrote it. @param {any} message */
export const isMine = (message) => message.author.type === 'contact';

/** Whether a message stands for itself, and does not only fill in a form. @param {any} message */
export const isWord = (message) => message.content.type !== 'formResponse';

/** Give the sender's name as visitors read it. @param {{ type: string, name: string }} author */
export function nameOf(author) {
  if (author.type === 'contact') return t('you');
  return author.name || config.brand;
}

/** Give the sign of an avatar: the first letter, or of a Korean name the first syllable of the given name. @param {string} name */
export function initialOf(name) {
  const letters = [...name.trim()];
  const isKorean = /^[가-힣]{3,4}$/.test(name.trim());
  return (letters[isKorean ? letters.length - 2 : 0] || '').toUpperCase();
}

/** Give one of the avatar's colours, always the same for a name. @param {string} name */
export function hueOf(name) {
  return `c${[...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) % 4}`;
}
