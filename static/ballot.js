// An employee's ballot in the browser: drawn blindly, kept until it is cast, cast without a name.
//
// The server signs a number it cannot read (RFC 9474, RSABSSA-SHA384-PSS-Randomized, with BigInt and
// WebCrypto only), so it cannot recognise the ballot when it comes back by another door without a cookie.

const HASH = "SHA-384";
const SALT_BYTES = 48;
const NONCE_BYTES = 32;
const SOONEST = 60_000; // milliseconds a ballot waits at least while its page stays open
const LATEST = 600_000;
const FIRST_PAUSE = 5_000; // before a failed cast is tried again; doubled every time
const LONGEST_PAUSE = 300_000;

// ---------------------------------------------------------------- bytes and numbers

export const toText = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
export const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const toNumber = (bytes) => BigInt(`0x${toHex(bytes)}`);
const ofNumber = (number, length) => fromHex(number.toString(16).padStart(2 * length, "0"));
const random = (length) => crypto.getRandomValues(new Uint8Array(length));
const digest = async (name, bytes) => new Uint8Array(await crypto.subtle.digest(name, bytes));

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function power(base, exponent, modulus) {
  let found = 1n;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) found = (found * base) % modulus;
    base = (base * base) % modulus;
  }
  return found;
}

// The number that turns `number` back into 1 when multiplied (Euclid); undefined where there is none.
function inverse(number, modulus) {
  let [big, small, one, other] = [modulus, number % modulus, 0n, 1n];
  while (small > 0n) {
    const times = big / small;
    [big, small, one, other] = [small, big - times * small, other, one - times * other];
  }
  return big === 1n ? ((one % modulus) + modulus) % modulus : undefined;
}

// ---------------------------------------------------------------- RFC 9474

// A public key from the base64url texts of its modulus and exponent.
export async function openKey({ n, e }) {
  const jwk = { kty: "RSA", n, e, alg: "PS384", ext: true };
  const opened = await crypto.subtle.importKey("jwk", jwk, { name: "RSA-PSS", hash: HASH }, true, ["verify"]);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", opened));
  const modulus = toNumber(toBytes(n));
  const bits = modulus.toString(2).length;
  return { opened, spki, modulus, exponent: toNumber(toBytes(e)), bits, length: Math.ceil(bits / 8) };
}

// What is signed: 32 random bytes before the text that all ballots of a wave and unit share (§4.1).
export const prepared = (nonce, wave, unit) =>
  joined(nonce, new TextEncoder().encode(`pulse ballot\n${wave}\n${unit}`));

async function mask(seed, length) {
  let found = new Uint8Array();
  for (let counter = 0; found.length < length; counter += 1) {
    found = joined(found, await digest(HASH, joined(seed, ofNumber(BigInt(counter), 4))));
  }
  return found.subarray(0, length);
}

// EMSA-PSS-ENCODE (RFC 8017 §9.1.1).
async function encoded(message, bits, salt) {
  const length = Math.ceil(bits / 8);
  const hash = await digest(HASH, joined(new Uint8Array(8), await digest(HASH, message), salt));
  const block = joined(new Uint8Array(length - salt.length - hash.length - 2), [1], salt);
  const masks = await mask(hash, block.length);
  const masked = block.map((byte, at) => byte ^ masks[at]);
  masked[0] &= 0xff >> (8 * length - bits);
  return joined(masked, hash, [0xbc]);
}

// A factor nobody else knows, between 1 and the modulus, with its inverse.
function factor(key) {
  for (;;) {
    const drawn = toNumber(random(key.length)) & ((1n << BigInt(key.bits)) - 1n);
    const back = drawn > 0n && drawn < key.modulus ? inverse(drawn, key.modulus) : undefined;
    if (back !== undefined) return [drawn, back];
  }
}

// Blind (§4.2): what is sent to be signed, and what takes the blinding off again. Salt and factor are
// given by tests alone.
export async function blind(key, message, salt = random(SALT_BYTES), factors = factor(key)) {
  const [hiding, back] = factors;
  const number = toNumber(await encoded(message, key.bits - 1, salt));
  if (inverse(number, key.modulus) === undefined) throw new Error("not to be blinded");
  const blinded = (number * power(hiding, key.exponent, key.modulus)) % key.modulus;
  return { blinded: ofNumber(blinded, key.length), inverse: ofNumber(back, key.length) };
}

// Finalize (§4.4): the signature without the blinding; undefined where it is not one of this key.
export async function finalize(key, message, signed, back) {
  if (signed.length !== key.length) return undefined;
  const signature = ofNumber((toNumber(signed) * toNumber(back)) % key.modulus, key.length);
  const how = { name: "RSA-PSS", saltLength: SALT_BYTES };
  return (await crypto.subtle.verify(how, key.opened, signature, message)) ? signature : undefined;
}

// ---------------------------------------------------------------- everybody's keys (RFC 6962 §2.1)

// Whether the key on this page is the one everybody of the unit has: it leads up to the wave's fingerprint.
export async function proven({ wave, unit, people, root, proof }, key) {
  const leaf = `${wave}\n${unit}\n${people}\n${toHex(await digest("SHA-256", key.spki))}`;
  let at = await digest("SHA-256", joined([0], new TextEncoder().encode(leaf)));
  for (const { left, hash } of proof) {
    const beside = fromHex(hash);
    at = await digest("SHA-256", joined([1], ...(left ? [beside, at] : [at, beside])));
  }
  return toHex(at) === root;
}

// ---------------------------------------------------------------- what is kept until it is cast

// Ballots by id. `change` hands over one and keeps what it gets back (undefined: keeps nothing of it); two
// tabs cannot do so at the same time. Where the browser keeps nothing, they last as long as the page.
class Kept {
  static async open() {
    try {
      const asked = indexedDB.open("pulse", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("ballot", { keyPath: "id" });
      return new Kept(await answered(asked));
    } catch {
      return new Kept();
    }
  }

  constructor(base) {
    this.base = base;
    this.here = new Map();
  }

  get lasts() {
    return Boolean(this.base);
  }

  async all() {
    if (!this.base) return [...this.here.values()];
    return answered(this.base.transaction("ballot").objectStore("ballot").getAll());
  }

  async change(id, edit) {
    if (this.base) {
      try {
        return await this.changeStored(id, edit);
      } catch {
        this.base = undefined; // no room left, or refused meanwhile: this page alone keeps it
      }
    }
    const now = edit(this.here.get(id));
    if (now) this.here.set(id, now);
    else this.here.delete(id);
    return now;
  }

  changeStored(id, edit) {
    return new Promise((done, failed) => {
      const change = this.base.transaction("ballot", "readwrite");
      const store = change.objectStore("ballot");
      let now;
      store.get(id).onsuccess = ({ target }) => {
        now = edit(target.result);
        if (now) store.put(now);
        else store.delete(id);
      };
      change.oncomplete = () => done(now);
      change.onabort = change.onerror = () => failed(change.error);
    });
  }
}

const answered = (request) =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = request.onblocked = () => failed(request.error);
  });

// ---------------------------------------------------------------- drawing

class Refused extends Error {
  constructor(what, message = "") {
    super(message);
    this.what = what; // "unreachable", "signed-out", "forged", or the server's word
  }
}

// A ballot that has not been drawn yet. The blinding is made before anything is kept or sent.
async function fresh(page, key, id) {
  const nonce = random(NONCE_BYTES);
  const { blinded, inverse: back } = await blind(key, prepared(nonce, page.wave, page.unit));
  const { wave, unit, issue, cast } = page;
  return { id, wave, unit, key: page.key, issue, cast, nonce: toText(nonce), blinded: toText(blinded), back: toText(back) };
}

// Have a kept ballot signed. Asking again with the same number gives the same answer, so a lost one is no loss.
async function drawn(kept, ballot) {
  const reply = await fetch(ballot.issue, {
    method: "POST",
    redirect: "manual",
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("[name=csrf_token]")?.value ?? "" },
    body: JSON.stringify({ wave: ballot.wave, blinded: ballot.blinded }),
  }).catch(() => {
    throw new Refused("unreachable");
  });
  if (reply.type === "opaqueredirect") throw new Refused("signed-out");
  const said = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Refused(reply.status < 500 && said.error ? said.error : "unreachable", said.message);
  const key = await openKey(ballot.key);
  const message = prepared(toBytes(ballot.nonce), ballot.wave, ballot.unit);
  const signature = await finalize(key, message, toBytes(said.signature), toBytes(ballot.back));
  if (!signature) throw new Refused("forged");
  // From here on the answers are fixed. Another tab may have cast the ballot meanwhile: then it stays gone.
  return kept.change(ballot.id, (was) => was && { ...was, signature: was.signature ?? toText(signature) });
}

// ---------------------------------------------------------------- casting

class Casting {
  constructor(kept, say) {
    this.kept = kept;
    this.say = say;
    this.waiting = new Map(); // known at once when the page is left, which waits for no database
    const leave = () => this.waiting.forEach((ballot) => this.send(ballot).catch(() => {}));
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", () => document.hidden && leave());
    addEventListener("online", () => this.waiting.forEach((ballot) => this.cast(ballot)));
  }

  // Cast in some minutes: who watches the server sees a ballot arrive, but not right after somebody's draw.
  later(ballot) {
    if (this.waiting.has(ballot.id)) return;
    this.waiting.set(ballot.id, ballot);
    this.say("waiting");
    const delay = this.kept.lasts ? SOONEST + Math.random() * (LATEST - SOONEST) : 0;
    setTimeout(() => this.cast(ballot), delay);
  }

  async cast(ballot, pause = FIRST_PAUSE) {
    if (!this.waiting.has(ballot.id)) return;
    const status = await this.send(ballot).catch(() => "unreachable");
    if (["counted", "already", "altered", "closed", "invalid"].includes(status)) {
      this.waiting.delete(ballot.id);
      await this.kept.change(ballot.id, () => undefined);
      this.say(status === "already" ? "counted" : status);
    } else if (this.waiting.has(ballot.id)) {
      this.say("unreachable");
      setTimeout(() => this.cast(ballot, Math.min(2 * pause, LONGEST_PAUSE)), pause);
    }
  }

  // No cookie, no referrer; `keepalive` lets it arrive after the page is gone. Sent twice it counts once.
  async send({ cast, wave, unit, nonce, signature, answers, comment }) {
    const reply = await fetch(cast, {
      method: "POST",
      mode: "cors",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      keepalive: true,
      headers: { "Content-Type": "text/plain" },
      body: JSON.stringify({ wave, unit, nonce, signature, answers, comment }),
    });
    return (await reply.json()).status;
  }
}

// ---------------------------------------------------------------- what a comment should not hold

const TELLING = [
  /[^\s@]+@[^\s@]+\.[^\s@]{2,}/gu,
  /(?:\+|\b)\d(?:[\s.()/-]{0,2}\d){8,14}\b/gu,
  /\b(?:Mme|Mlle|Monsieur|Madame|Mrs|Miss|Mr|Ms|Dr|M)\.?\s+\p{Lu}[\p{L}'’-]*/gu,
  /\p{Lu}\p{Ll}+(?:[ -]\p{Lu}[\p{L}'’-]+)+/gu,
  /[\p{L}\d,;](?:\s+|['’])(\p{Lu}\p{Ll}{2,})/gu, // a capital within a sentence
];
const HARMLESS =
  /^(?:January|February|March|April|May|June|July|August|September|October|November|December|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|English|French|Internet|Excel|Wifi|Teams|Outlook|Pulse)$/u;

// What looks like a mail address, a phone number or a name in a comment.
export function telling(comment) {
  const found = TELLING.flatMap((pattern) => [...comment.matchAll(pattern)].map(([all, word]) => word ?? all));
  return [...new Set(found)].filter((words, at, all) => !HARMLESS.test(words) && !all.slice(0, at).some((more) => more.includes(words)));
}

// ---------------------------------------------------------------- the page

const one = (selector) => document.querySelector(selector);
const show = (selector, on = true) => document.querySelectorAll(selector).forEach((part) => (part.hidden = !on));

// Show, of the sentences the page holds about a ballot on its way, the one that is true now.
function say(status) {
  document.querySelectorAll("[data-ballot]").forEach((part) => (part.hidden = part.dataset.ballot !== status));
}

class Answering {
  constructor(page, key, kept, casting, id) {
    Object.assign(this, { page, key, kept, casting, id, form: one("#answers"), passed: "", sending: false, pause: FIRST_PAUSE });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(false);
    });
    one("#as-it-is").addEventListener("click", () => this.submit(true));
    this.carryOverLanguages();
  }

  get answers() {
    const fields = [...new FormData(this.form)].filter(([name]) => name.startsWith("q-"));
    return Object.fromEntries(fields.map(([name, value]) => [name.slice(2), value]));
  }

  get comment() {
    return this.form.elements.comment.value.replace(/\r\n/g, "\n").trim();
  }

  async submit(asItIs) {
    if (this.sending || (!asItIs && this.remind())) return;
    this.sending = true;
    show("#reminder, [data-refused]", false);
    show(".at-rest", false);
    show(".in-motion");
    try {
      await this.send();
    } catch (error) {
      await this.refused(error);
    } finally {
      this.sending = false;
      show(".at-rest");
      show(".in-motion", false);
    }
  }

  // Mention skipped questions, and what in the comment may name somebody, once each.
  remind() {
    const given = this.answers;
    const skipped = [...document.querySelectorAll("#reminder [data-question]")];
    skipped.forEach((line) => (line.hidden = line.dataset.question in given));
    const missing = skipped.some((line) => !line.hidden);
    const found = telling(this.comment);
    const mentioned = JSON.stringify([missing, found]);
    if ((!missing && !found.length) || this.passed === mentioned) return false;
    this.passed = mentioned;
    show("#skipped", missing);
    show("#telling", found.length > 0);
    one("#telling output").textContent = found.join(", ");
    show("#reminder");
    one("#reminder").focus();
    return true;
  }

  async send() {
    const { answers, comment } = this;
    const next = await fresh(this.page, this.key, this.id);
    // Answers may be replaced until the ballot is signed; what another tab has had signed stays as it is.
    const ballot = await this.kept.change(this.id, (was) =>
      was?.signature ? was : { ...(was?.wave === next.wave ? was : next), answers, comment },
    );
    await this.draw(ballot);
  }

  async draw(ballot) {
    const signed = ballot.signature ? ballot : await drawn(this.kept, ballot);
    await thank();
    if (signed) this.casting.later(signed);
  }

  async refused(error) {
    const what = error instanceof Refused ? error.what : "unreachable";
    if (what === "unreachable") this.tryLater();
    else if (what !== "signed-out" && what !== "forged") await this.kept.change(this.id, () => undefined);
    refuse(what, error.message);
  }

  // What could not be sent is tried again while the page is open, unless its reader was faster.
  tryLater() {
    setTimeout(() => this.again(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  }

  async again() {
    const ballot = (await this.kept.all()).find((other) => other.id === this.id);
    if (!ballot || this.sending || !this.form.isConnected) return;
    this.sending = true;
    await this.draw(ballot).catch((error) => this.refused(error));
    this.sending = false;
  }

  // The other language is another page: what was chosen goes along, and is forgotten there.
  carryOverLanguages() {
    try {
      const before = JSON.parse(sessionStorage.getItem("chosen") ?? "{}");
      sessionStorage.removeItem("chosen");
      for (const [name, value] of Object.entries(before)) {
        const field = this.form.elements[name];
        if (field) field.value = value;
      }
      const keep = () => {
        const chosen = [...new FormData(this.form)].filter(([name]) => name !== "csrf_token");
        sessionStorage.setItem("chosen", JSON.stringify(Object.fromEntries(chosen)));
      };
      document.querySelectorAll("a[hreflang]").forEach((link) => link.addEventListener("click", keep));
    } catch {
      // A browser that keeps nothing asks again in the other language.
    }
  }
}

// Say why nothing was sent: in the server's words where it has some, else in the page's.
function refuse(what, message) {
  const known = one(`[data-refused="${what}"]`) ?? one('[data-refused="other"]');
  if (message) known.querySelector("p").textContent = message;
  show("[data-refused]", false);
  known.hidden = false;
  known.focus();
}

// Thank in place: by the thanks page, with what came of last month's answers, or by the few words kept here.
async function thank() {
  const few = one("#thanks");
  let words = few.content.childNodes;
  try {
    const reply = await fetch(few.dataset.page, { redirect: "error" });
    if (!reply.ok) throw new Error(reply.status);
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    words = page.querySelector("main").childNodes;
    document.title = page.title;
  } catch {
    // The answers are drawn for; what came of last month's can be read another time.
  }
  one("main").replaceChildren(...words);
  const heading = one("h1");
  heading.tabIndex = -1;
  heading.focus();
  scrollTo(0, 0);
}

// Whether the mail that led here, if any, names the same fingerprint as this page: after #, or else as the door
// kept it (sign_in.js) over the way to a sign-in service and back.
const asMailed = (root) => {
  const told = location.hash.slice(1) || keptAtTheDoor();
  return !/^[0-9a-f]{64}$/.test(told) || told === root;
};

function keptAtTheDoor() {
  try {
    const { pin, at } = JSON.parse(localStorage.getItem("pulse.pin"));
    return Date.now() - at < 3600000 ? pin : "";
  } catch {
    return "";
  }
}

async function start() {
  const script = one("script[data-holder]");
  if (!script || !globalThis.crypto?.subtle || typeof BigInt !== "function") return;
  const kept = await Kept.open();
  const casting = new Casting(kept, say);
  const ballots = await kept.all().catch(() => []);
  ballots.filter((ballot) => ballot.signature).forEach((ballot) => casting.later(ballot));
  const mine = ballots.find((ballot) => ballot.id === script.dataset.holder && !ballot.signature);
  const data = one("#ballot");
  if (data) await open(JSON.parse(data.textContent), kept, casting, script.dataset.holder, mine);
  else if (mine) await finish(kept, casting, mine);
}

// The page with the questions: trusted first, then shown; what an earlier visit could not send goes first.
async function open(page, kept, casting, id, mine) {
  const key = await openKey(page.key);
  const trusted = await proven(page, key);
  const compare = () => {
    const agreed = trusted && asMailed(page.root);
    show("#answers", agreed);
    if (!agreed) refuse("untrusted");
    return agreed;
  };
  show("#ways", false);
  addEventListener("hashchange", compare);
  if (!compare()) return;
  const answering = new Answering(page, key, kept, casting, id);
  if (mine?.wave === page.wave) await answering.again();
  else if (mine) await kept.change(id, () => undefined);
}

// A page without questions: the ballot was drawn, but the answer to that was lost.
async function finish(kept, casting, mine, pause = FIRST_PAUSE) {
  try {
    const signed = await drawn(kept, mine);
    if (signed) casting.later(signed);
  } catch (error) {
    if (["drawn", "closed", "wave"].includes(error.what)) await kept.change(mine.id, () => undefined);
    if (error.what !== "unreachable") return;
    say("unreachable");
    setTimeout(() => finish(kept, casting, mine, Math.min(2 * pause, LONGEST_PAUSE)), pause);
  }
}

if (typeof document !== "undefined") start();
