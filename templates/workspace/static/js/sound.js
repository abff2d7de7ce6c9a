// A soft sound for what comes: two notes for an offer, one for words. A browser plays none before its page was touched.
import { app } from './words.js';

const NOTES = { offer: [660, 880], words: [740] };
const NOTE_S = 0.16;
let audio = null;

export function chime(kind) {
  if (app.dataset.sounds !== 'yes' || !('AudioContext' in window)) return;
  audio ||= new AudioContext();
  if (audio.state === 'suspended') audio.resume();
  NOTES[kind].forEach((frequency, at) => {
    const [tone, volume, start] = [audio.createOscillator(), audio.createGain(), audio.currentTime + at * NOTE_S];
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.08, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + NOTE_S);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + NOTE_S);
  });
}
