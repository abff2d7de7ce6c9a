// Finding Korean the way hands write it: by initial consonants, and typed with the other layout on.
const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
const MEDIALS = ['ㅏ', 'ㅐ', 'ㅑ', 'ㅒ', 'ㅓ', 'ㅔ', 'ㅕ', 'ㅖ', 'ㅗ', 'ㅗㅏ', 'ㅗㅐ', 'ㅗㅣ', 'ㅛ', 'ㅜ', 'ㅜㅓ', 'ㅜㅔ', 'ㅜㅣ', 'ㅠ', 'ㅡ', 'ㅡㅣ', 'ㅣ'];
const FINALS = ['', 'ㄱ', 'ㄲ', 'ㄱㅅ', 'ㄴ', 'ㄴㅈ', 'ㄴㅎ', 'ㄷ', 'ㄹ', 'ㄹㄱ', 'ㄹㅁ', 'ㄹㅂ', 'ㄹㅅ', 'ㄹㅌ', 'ㄹㅍ', 'ㄹㅎ', 'ㅁ', 'ㅂ', 'ㅂㅅ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'];
// The two-set layout: which Latin key writes which letter.
const KEYS = Object.fromEntries([...'ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ'].map((letter, at) => [letter, 'qwertyuiopasdfghjklzxcvbnm'[at]]));
const SHIFTED = { ㅃ: 'q', ㅉ: 'w', ㄸ: 'e', ㄲ: 'r', ㅆ: 't', ㅒ: 'o', ㅖ: 'p' };
const FIRST = 0xac00;
const LAST = 0xd7a3;

function letters(char) {
  const code = char.charCodeAt(0);
  if (code < FIRST || code > LAST) return char;
  const at = code - FIRST;
  return INITIALS[Math.floor(at / 588)] + MEDIALS[Math.floor((at % 588) / 28)] + FINALS[at % 28];
}

export const initials = (text) => [...text].map((char) => (char >= '가' && char <= '힣' ? letters(char)[0] : char)).join('');

/** What the same keys write with the Latin layout: "누ㅐ" was meant as "sno". */
export const asLatin = (text) => [...text].flatMap((char) => [...letters(char)]).map((letter) => KEYS[letter] || SHIFTED[letter] || letter).join('');

const readings = (typed) => {
  const wanted = typed.normalize('NFC').toLowerCase();
  return [wanted, asLatin(wanted)];
};
const read = (label) => label.normalize('NFC').toLowerCase();

export function matches(label, typed) {
  const [text, wanted] = [read(label), readings(typed)[0]];
  return readings(typed).some((each) => text.includes(each))
    || asLatin(text).includes(wanted)
    || initials(text).replaceAll(' ', '').includes(wanted);
}

/** Whether a label begins with what was typed: such a one is meant before those that hold it somewhere. */
export const begins = (label, typed) => readings(typed).some((each) => read(label).startsWith(each));
