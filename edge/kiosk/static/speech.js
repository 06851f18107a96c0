// Reads the page aloud by the system's own voices: nothing is sent anywhere for it.

const LANGUAGES = { vi: "vi-VN", en: "en-US" };

/** Returns a voice of this device for a language, or null; voices of services elsewhere do not count. */
function voiceFor(language) {
  const voices = window.speechSynthesis?.getVoices() ?? [];
  return voices.find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(language)) ?? null;
}

/** Calls `listen(language => boolean)` now and whenever the system tells of other voices. */
export function watchVoices(listen) {
  const canSpeak = (language) => voiceFor(language) !== null;
  listen(canSpeak);
  window.speechSynthesis?.addEventListener?.("voiceschanged", () => listen(canSpeak));
}

/** Says a text, instead of what is being said. */
export function say(text, language) {
  stop();
  const voice = voiceFor(language);
  if (voice === null) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.voice = voice;
  utterance.lang = LANGUAGES[language];
  utterance.rate = 0.9;
  window.speechSynthesis.speak(utterance);
}

/** Ends what is being said. */
export function stop() {
  window.speechSynthesis?.cancel();
}

/** Returns what stands on a screen, in one language: its title, texts and buttons in their order. */
export function wordsOf(section, language) {
  const parts = section.querySelectorAll("p, h1, button");
  const said = Array.from(parts)
    .filter((part) => part.checkVisibility() && !part.disabled)
    .map((part) => spoken(part, language))
    .filter(Boolean);
  return said.join(". ");
}

function spoken(part, language) {
  const words = part.cloneNode(true);
  for (const silent of words.querySelectorAll("[aria-hidden]")) silent.remove();
  for (const other of words.querySelectorAll(language === "vi" ? ".en" : ".vi")) other.remove();
  return words.textContent.replace(/\s+/g, " ").trim();
}
