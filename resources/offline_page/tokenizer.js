// Tokenizers of the BERT family from their tokenizer.json, with the ids and the characters that the Python package
// "tokenizers" gives. Texts are arrays of code points, as Python counts them; every piece knows the characters
// [start, end) it comes from. What is not known here is refused when the tokenizer is made, never guessed.

const SPACE = /\p{White_Space}/u;
const MARK = /[\p{Mn}\u1734\u{1171e}]/u;
const WORD = /[\p{L}\p{M}\p{Nd}\p{Pc}\p{Alphabetic}\p{Join_Control}]/u;
const PUNCTUATION = /[\p{P}!-/:-@[-`{-~\u166d\u{111c9}]/u;
const CONTROL = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u;
const BYTES = byteSigns();
// What Python's tokenizers keep and the browser takes for marks, control signs or punctuation: their tables of signs are
// those of Unicode 8 and 9.
const NEWER = signsIn(
  "7fd 890-891 897-89f 8ca-8e2 9fe afa-aff b55 c04 c3c cf3 d00 d3b-d3c d81 eba ece 1715 180f 1885-1886 " +
  "1abf-1add 1ae0-1aeb 1cf2-1cf3 1cf7 1df6-1dfb a82c a8c5 a8ff a9bd 10d24-10d27 10d69-10d6d 10eab-10eac 10efa-10eff " +
  "10f46-10f50 10f82-10f85 11070 11073-11074 110c2 110cd 11145-11146 111c9 111ce-111cf 1123e 11241 1133b " +
  "113b8-113c0 113c2 113c9-113ca 113cc-113d0 113d2 113e1-113e2 11438-1143f 11442-11444 11446 1145e " +
  "1182c-1183a 11930-11935 11937 1193b-1193e 11940 11942-11943 119d1-119d7 119da-119e0 119e4 11a01-11a0a " +
  "11a33-11a39 11a3b-11a3e 11a47 11a51-11a5b 11a8a-11a99 11b60-11b67 11c30-11c36 11c38-11c3d 11c3f 11c92-11ca7 " +
  "11caa-11cb0 11cb2-11cb3 11cb5-11cb6 11d31-11d36 11d3a 11d3c-11d3d 11d3f-11d45 11d47 11d8a-11d8e 11d90-11d91 " +
  "11d93-11d97 11ef3-11ef6 11f00-11f01 11f03 11f34-11f3a 11f3e-11f42 11f5a 13430-13440 13447-13455 1611e-16120 " +
  "16129-1612f 16f4f 16f7f-16f87 16fe4 16ff0-16ff1 1cf00-1cf2d 1cf30-1cf46 1e000-1e006 1e008-1e018 1e01b-1e021 " +
  "1e023-1e024 1e026-1e02a 1e08f 1e130-1e136 1e2ae 1e2ec-1e2ef 1e4ec-1e4ef 1e5ee-1e5ef 1e6e3 1e6e6 1e6ee-1e6ef " +
  "1e6f5 1e944-1e94a",
);
const NEWER_PUNCTUATION = signsIn(
  "61d 9fd a76 c77 c84 1b4e-1b4f 1b7d-1b7f 2e43-2e4f 2e52-2e5d 10d6e 10ead 10ed0 10f55-10f59 10f86-10f89 " +
  "113d4-113d5 113d7-113d8 1144b-1144f 1145a-1145b 1145d 11660-1166c 116b9 1183b 11944-11946 119e2 11a3f-11a46 " +
  "11a9a-11a9c 11a9e-11aa2 11b00-11b09 11be1 11c41-11c45 11c70-11c71 11ef7-11ef8 11f43-11f4f 11fff 12ff1-12ff2 " +
  "16d6d-16d6f 16e97-16e9a 16fe2 1e5ff 1e95e-1e95f",
);

export class Tokenizer {
  constructor(file) {
    const {model, normalizer, pre_tokenizer, post_processor, added_tokens} = file;
    this.normalize = normalizer ? normalizerOf(normalizer) : (signs) => signs;
    this.split = pre_tokenizer ? preTokenizerOf(pre_tokenizer) : (pieces) => pieces;
    this.model = modelOf(model);
    this.template = templateOf(post_processor, added_tokens);
    this.prefix = model.type === "WordPiece" ? (model.continuing_subword_prefix ?? "##") : "";
    this.ids = new Map(this.model.ids);
    for (const token of added_tokens) this.ids.set(token.content, token.id);
    const plain = (token) => !token.normalized || !normalizer;
    this.given = added_tokens.filter(plain).map((token) => ({...token, signs: Array.from(token.content)}));
    this.normalized = added_tokens.filter((token) => !plain(token)).map((token) => {
      const signs = this.normalize(Array.from(token.content, (sign) => [sign, 0, 0])).map(([sign]) => sign);
      return {...token, signs};
    });
  }

  // The tokens of a text alone: [{id, token, start, end, special}], without those that the template adds.
  tokens(text) {
    const signs = Array.from(text, (sign, place) => [sign, place, place + 1]);
    const found = [];
    for (const part of parted(signs, this.given)) {
      if (part.token) {
        found.push(ofPart(part));
        continue;
      }
      for (const piece of parted(this.normalize(part.signs), this.normalized)) {
        if (piece.token) found.push(ofPart(piece));
        else if (piece.signs.length) {
          for (const word of this.split([piece.signs])) found.push(...this.model.encode(word));
        }
      }
    }
    return found;
  }

  // A text, or a pair, as the network reads it: columns ids, types, offsets, tokens, special.
  // With `longest`, the longer of two texts loses its end.
  encode(text, second = null, longest = 0) {
    let parts = [this.tokens(text), second === null ? null : this.tokens(second)];
    const items = second === null ? this.template.single : this.template.pair;
    const added = items.filter((item) => item.token).length;
    if (longest && second !== null) {
      const counts = shortened(parts.map((part) => part.length), longest - added);
      parts = parts.map((part, number) => part.slice(0, counts[number]));
    }
    if (this.template.trims) parts = parts.map((part) => part && trimmedTokens(part, this.template.keepsFirst));
    const row = {ids: [], types: [], offsets: [], tokens: [], special: []};
    const add = (id, type, start, end, token, special) => {
      row.ids.push(id);
      row.types.push(type);
      row.offsets.push([start, end]);
      row.tokens.push(token);
      row.special.push(special);
    };
    for (const item of items) {
      if (item.token) add(item.id, item.type, 0, 0, item.token, true);
      else for (const one of parts[item.part]) add(one.id, item.type, one.start, one.end, one.token, false);
    }
    return row;
  }
}

// ── Added tokens ──────────────────────────────────────────────────────────────────────────────────────────────────

// The signs between the added tokens that occur in them, and these: the leftmost, of several there the longest.
function parted(signs, added) {
  const parts = [];
  let begin = 0;
  const firsts = new Set(added.map((token) => token.signs[0]));
  for (let place = 0; place < signs.length; place++) {
    if (!firsts.has(signs[place][0])) continue;
    let best = null;
    for (const token of added) {
      const is_there = token.signs.length && token.signs.every((sign, at) => signs[place + at]?.[0] === sign);
      if (is_there && (!best || token.signs.length > best.signs.length)) best = token;
    }
    if (!best) continue;
    let start = place;
    let stop = place + best.signs.length;
    const joined = (start > 0 && WORD.test(signs[start - 1][0])) || (stop < signs.length && WORD.test(signs[stop][0]));
    place = stop - 1;
    if (best.single_word && joined) continue;
    if (best.lstrip) while (start > begin && SPACE.test(signs[start - 1][0])) start--;
    if (best.rstrip) while (stop < signs.length && SPACE.test(signs[stop][0])) stop++;
    if (start > begin) parts.push({signs: signs.slice(begin, start)});
    parts.push({token: best, signs: signs.slice(start, stop)});
    begin = stop;
    place = Math.max(place, stop - 1);
  }
  if (begin < signs.length) parts.push({signs: signs.slice(begin)});
  return parts;
}

function ofPart({token, signs}) {
  return {id: token.id, token: token.content, start: signs[0][1], end: signs[signs.length - 1][2]};
}

// ── Normalizers: signs [sign, start, end] to signs ────────────────────────────────────────────────────────────────

function normalizerOf(config) {
  switch (config.type) {
    case "Sequence": {
      const steps = config.normalizers.map(normalizerOf);
      return (signs) => steps.reduce((found, step) => step(found), signs);
    }
    case "BertNormalizer": return bertNormalizer(config);
    case "NFC": case "NFD": case "NFKC": case "NFKD": return (signs) => unicodeForm(signs, config.type);
    case "Lowercase": return lowercase;
    case "StripAccents": return (signs) => signs.filter(([sign]) => !/\p{M}/u.test(sign) || NEWER.test(sign));
    case "Strip": return (signs) => {
      let start = 0;
      let end = signs.length;
      while (config.strip_left && start < end && SPACE.test(signs[start][0])) start++;
      while (config.strip_right && start < end && SPACE.test(signs[end - 1][0])) end--;
      return signs.slice(start, end);
    };
    case "Prepend": return (signs) => signs.length ? [...prepended(signs, config.prepend), ...signs] : signs;
    case "Replace": {
      const pattern = patternOf(config.pattern);
      return (signs) => {
        const found = [];
        for (const {start, end, matches} of matched(signs, pattern)) {
          const [, from, to] = signs[end - 1]; // what comes in its place is at its last sign
          if (matches) found.push(...Array.from(config.content, (sign) => [sign, from, to]));
          else found.push(...signs.slice(start, end));
        }
        return found;
      };
    }
    case "Precompiled": return precompiled(config.precompiled_charsmap);
    default: throw new Error(`unknown normalizer ${config.type}`);
  }
}

function bertNormalizer(config) {
  const strips = config.strip_accents ?? config.lowercase;
  return (signs) => {
    let found = signs;
    if (config.clean_text) {
      found = found.filter(([sign]) => {
        return /[\t\n\r]/.test(sign) || NEWER.test(sign) || !(sign === "\ufffd" || CONTROL.test(sign));
      });
      found = found.map(([sign, start, end]) => [SPACE.test(sign) ? " " : sign, start, end]);
    }
    if (config.handle_chinese_chars) {
      found = found.flatMap((one) => isChinese(one[0].codePointAt(0)) ? [[" ", one[1], one[2]], one, [" ", one[1], one[2]]] : [one]);
    }
    if (strips) found = unicodeForm(found, "NFD").filter(([sign]) => !MARK.test(sign) || NEWER.test(sign));
    return config.lowercase ? lowercase(found) : found;
  };
}

function isChinese(code) {
  return (code >= 0x4e00 && code <= 0x9fff) || (code >= 0x3400 && code <= 0x4dbf)
    || (code >= 0x20000 && code <= 0x2a6df) || (code >= 0x2a700 && code <= 0x2b73f)
    || (code >= 0x2b740 && code <= 0x2b81f) || (code >= 0x2b920 && code <= 0x2ceaf)
    || (code >= 0xf900 && code <= 0xfaff) || (code >= 0x2f800 && code <= 0x2fa1f);
}

// Each sign alone, so that a sigma at the end of a word is one like the others.
function lowercase(signs) {
  return signs.flatMap(([sign, start, end]) => Array.from(sign.toLowerCase(), (low) => [low, start, end]));
}

// A form of Unicode, a stretch at a time that no sign can cross: one that begins with a sign without combining class.
function unicodeForm(signs, form) {
  const found = [];
  for (let start = 0; start < signs.length;) {
    let end = start + 1;
    while (end < signs.length && joinsBefore(signs[end][0])) end++;
    const own = signs.slice(start, end);
    const normal = Array.from(own.map(([sign]) => sign).join("").normalize(form));
    if (own.length === 1) found.push(...normal.map((sign) => [sign, own[0][1], own[0][2]]));
    else found.push(...aligned(own, normal, form));
    start = end;
  }
  return found;
}

const JOINS = /[\p{M}\u1160-\u11ff\uff9e\uff9f]/u;

function joinsBefore(sign) {
  return JOINS.test(sign);
}

// Signs of a form at the signs that they are from.
function aligned(own, normal, form) {
  const more = own.flatMap(([sign]) => {
    return Array.from(sign.normalize(form.startsWith("NFK") ? "NFKD" : "NFD"), (_, number) => (number ? 1 : 0));
  });
  let at = 0;
  return placed(own, normal.map((sign) => {
    const count = Array.from(sign.normalize("NFD")).length;
    const change = more.slice(at, at + count).reduce((sum, one) => sum + one, 0) - (count - 1);
    at += count;
    return [sign, change];
  }));
}

// New signs at the old ones, as Python counts them: of each, how many signs more there are with it. One that is added
// is where the last one is; one that takes others with it is at the first of them.
function placed(signs, changes) {
  let source = 0;
  return changes.map(([sign, change]) => {
    const [, start, end] = signs[Math.max(0, Math.min(change > 0 ? source - 1 : source, signs.length - 1))];
    if (change <= 0) source += 1 - change;
    return [sign, start, end];
  });
}

// The table of SentencePiece: a trie in an array of 32-bit units, and what stands for each key in it.
function precompiled(base64) {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const size = view.getUint32(0, true);
  const units = Array.from({length: size / 4}, (_, place) => view.getUint32(4 + 4 * place, true));
  const texts = bytes.subarray(4 + size);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", {ignoreBOM: true});
  const offset = (unit) => (unit >>> 10) << ((unit & 0x200) >>> 6);
  const replacement = (text) => {
    let place = offset(units[0]);
    for (const byte of encoder.encode(text)) {
      if (!byte) return null;
      place ^= byte;
      const unit = units[place];
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return null;
      place ^= offset(unit);
      if ((unit >>> 8) & 1) { // the shortest key that is there, as in Python
        const start = units[place] & 0x7fffffff;
        return decoder.decode(texts.subarray(start, texts.indexOf(0, start)));
      }
    }
    return null;
  };
  const graphemes = new Intl.Segmenter("en", {granularity: "grapheme"});
  return (signs) => {
    const changes = [];
    for (const {segment} of graphemes.segment(signs.map(([sign]) => sign).join(""))) {
      const own = Array.from(segment);
      const whole = encoder.encode(segment).length < 6 ? replacement(segment) : null;
      const parts = whole === null ? own.map((sign) => [1, replacement(sign) ?? sign]) : [[own.length, whole]];
      for (const [count, text] of parts) {
        const more = Array.from(text).length - count;
        changes.push(...Array.from(text, (sign, number) => [sign, number < count ? 0 : 1]));
        if (more < 0 && changes.length) changes[changes.length - 1][1] += more; // where nothing is before, it is lost
      }
    }
    return placed(signs, changes);
  };
}

// ── Pre-tokenizers: lists of signs to lists of signs ──────────────────────────────────────────────────────────────

function preTokenizerOf(config) {
  const each = (split) => (pieces) => pieces.flatMap(split).filter((piece) => piece.length);
  switch (config.type) {
    case "Sequence": {
      const steps = config.pretokenizers.map(preTokenizerOf);
      return (pieces) => steps.reduce((found, step) => step(found), pieces);
    }
    case "BertPreTokenizer": {
      return each((piece) => apart(piece, isSpace, "Removed").flatMap((word) => apart(word, isPunctuation, "Isolated")));
    }
    case "WhitespaceSplit": return each((piece) => apart(piece, isSpace, "Removed"));
    case "Whitespace": {
      const pattern = /[\p{L}\p{M}\p{Nd}\p{Pc}\p{Alphabetic}\p{Join_Control}]+|[^\p{L}\p{M}\p{Nd}\p{Pc}\p{Alphabetic}\p{Join_Control}\p{White_Space}]+/gu;
      return each((piece) => parts(piece, matched(piece, pattern), "Removed", true));
    }
    case "Punctuation": return each((piece) => apart(piece, isPunctuation, config.behavior ?? "Isolated"));
    case "Digits": {
      const behavior = config.individual_digits ? "Isolated" : "Contiguous";
      return each((piece) => apart(piece, (sign) => /\p{N}/u.test(sign), behavior));
    }
    case "Split": {
      const pattern = patternOf(config.pattern);
      return each((piece) => parts(piece, matched(piece, pattern), config.behavior, config.invert));
    }
    case "Metaspace": {
      const {replacement, prepend_scheme: scheme = "always", split = true} = config;
      return each((piece) => {
        let signs = piece.map(([sign, start, end]) => [sign === " " ? replacement : sign, start, end]);
        const is_wanted = scheme === "always" || (scheme === "first" && signs[0]?.[1] === 0);
        if (is_wanted && signs.length && signs[0][0] !== replacement) signs = [...prepended(signs, replacement), ...signs];
        return split ? apart(signs, (sign) => sign === replacement, "MergedWithNext") : [signs];
      });
    }
    case "ByteLevel": {
      const pattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
      return each((piece) => {
        let signs = piece;
        if (config.add_prefix_space && signs.length && signs[0][0] !== " ") signs = [...prepended(signs, " "), ...signs];
        const words = config.use_regex === false ? [signs] : parts(signs, matched(signs, pattern), "Isolated", false);
        return words.map((word) => word.flatMap(asBytes));
      });
    }
    default: throw new Error(`unknown pre-tokenizer ${config.type}`);
  }
}

function isSpace(sign) {
  return SPACE.test(sign);
}

function isPunctuation(sign) {
  return PUNCTUATION.test(sign) && !NEWER_PUNCTUATION.test(sign);
}

function prepended(signs, text) {
  return Array.from(text, (sign) => [sign, signs[0][1], signs[0][2]]);
}

function signsIn(ranges) {
  const written = (code) => `\\u{${code}}`;
  return new RegExp(`[${ranges.split(" ").map((range) => range.split("-").map(written).join("-")).join("")}]`, "u");
}

function asBytes([sign, start, end]) {
  return Array.from(new TextEncoder().encode(sign), (byte) => [BYTES[byte], start, end]);
}

function byteSigns() {
  const shown = (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({length: 256}, (_, byte) => String.fromCodePoint(shown(byte) ? byte : next++));
}

// A pattern of a tokenizer.json in the browser's writing; white space and digits are Unicode's, as in Python.
function patternOf(pattern) {
  if (pattern.String !== undefined) return new RegExp(pattern.String.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), "gu");
  const either = (letters) => letters.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
  const source = pattern.Regex
    .replace(/\(\?i:([^()]*)\)/g, (_, inside) => `(?:${either(inside)})`)
    .replace(/\\s/g, "\\p{White_Space}").replace(/\\S/g, "\\P{White_Space}")
    .replace(/\\d/g, "\\p{Nd}").replace(/\\D/g, "\\P{Nd}");
  return new RegExp(source, "gu");
}

// Stretches [start, end) of signs that a pattern matches, and those between.
function matched(signs, pattern) {
  const text = signs.map(([sign]) => sign).join("");
  const place_of = new Map();
  let units = 0;
  signs.forEach(([sign], place) => {
    place_of.set(units, place);
    units += sign.length;
  });
  place_of.set(units, signs.length);
  const found = [];
  let before = 0;
  for (const match of text.matchAll(pattern)) {
    const start = place_of.get(match.index);
    const end = place_of.get(match.index + match[0].length);
    if (start === end) continue;
    if (start > before) found.push({start: before, end: start, matches: false});
    found.push({start, end, matches: true});
    before = end;
  }
  if (before < signs.length) found.push({start: before, end: signs.length, matches: false});
  return found;
}

function apart(signs, is_sign, behavior) {
  const found = signs.map(([sign], place) => ({start: place, end: place + 1, matches: is_sign(sign)}));
  const joined = [];
  for (const one of found) {
    const last = joined[joined.length - 1];
    if (last && !last.matches && !one.matches) last.end = one.end;
    else joined.push({...one});
  }
  return parts(signs, joined, behavior, false);
}

function parts(signs, stretches, behavior, invert) {
  const own = stretches.map(({start, end, matches}) => ({start, end, matches: matches !== Boolean(invert)}));
  const found = [];
  let before = null;
  for (const {start, end, matches} of own) {
    const last = found[found.length - 1];
    if (behavior === "Removed") {
      if (!matches) found.push([start, end]);
    } else if (behavior === "Contiguous" && before === matches) last[1] = end;
    else if (behavior === "MergedWithPrevious" && matches && before === false) last[1] = end;
    else found.push([start, end]);
    before = matches;
  }
  if (behavior === "MergedWithNext") { // from the end, so that of several in a row the last takes what follows
    const merged = [];
    let after = null;
    for (const {start, end, matches} of own.slice().reverse()) {
      if (matches && after === false) merged[merged.length - 1][0] = start;
      else merged.push([start, end]);
      after = matches;
    }
    return merged.reverse().map(([start, end]) => signs.slice(start, end));
  }
  return found.map(([start, end]) => signs.slice(start, end));
}

// ── Models: signs of a word to tokens ─────────────────────────────────────────────────────────────────────────────

function modelOf(config) {
  switch (config.type) {
    case "WordPiece": return wordPiece(config);
    case "BPE": return bytePairs(config);
    case "Unigram": return unigram(config);
    default: throw new Error(`unknown model ${config.type}`);
  }
}

function tokenOf(signs, start, end, id, token) {
  return {id, token, start: signs[start][1], end: signs[end - 1][2]};
}

function wordPiece(config) {
  const ids = new Map(Object.entries(config.vocab));
  const {unk_token: unknown, max_input_chars_per_word: most = 100} = config;
  const prefix = config.continuing_subword_prefix ?? "##";
  const encode = (signs) => {
    const nothing = [tokenOf(signs, 0, signs.length, ids.get(unknown), unknown)];
    if (signs.length > most) return nothing;
    const found = [];
    for (let start = 0; start < signs.length;) {
      let end = signs.length;
      let token = "";
      for (; end > start; end--) {
        token = (start ? prefix : "") + signs.slice(start, end).map(([sign]) => sign).join("");
        if (ids.has(token)) break;
      }
      if (end === start) return nothing;
      found.push(tokenOf(signs, start, end, ids.get(token), token));
      start = end;
    }
    return found;
  };
  return {ids, encode};
}

function bytePairs(config) {
  if (config.continuing_subword_prefix || config.end_of_word_suffix) throw new Error("unknown kind of BPE");
  const ids = new Map(Object.entries(config.vocab));
  const ranks = new Map();
  config.merges.forEach((merge, rank) => {
    const [one, other] = Array.isArray(merge) ? merge : merge.split(" ");
    ranks.set(`${one} ${other}`, rank);
  });
  const {unk_token: unknown, fuse_unk: fuses, byte_fallback: as_bytes, ignore_merges: whole_first} = config;
  const encode = (signs) => {
    const text = signs.map(([sign]) => sign).join("");
    if (whole_first && ids.has(text)) return [tokenOf(signs, 0, signs.length, ids.get(text), text)];
    const symbols = []; // {token, start, end, known}
    signs.forEach(([sign], place) => {
      const bytes = !ids.has(sign) && as_bytes
        ? Array.from(new TextEncoder().encode(sign), (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`)
        : [];
      if (ids.has(sign)) symbols.push({token: sign, start: place, end: place + 1});
      else if (bytes.length && bytes.every((byte) => ids.has(byte))) {
        bytes.forEach((token) => symbols.push({token, start: place, end: place + 1}));
      } else if (unknown) {
        const last = symbols[symbols.length - 1];
        if (fuses && last?.unknown) last.end = place + 1;
        else symbols.push({token: unknown, start: place, end: place + 1, unknown: true});
      }
    });
    merge(symbols, ranks);
    return symbols.map(({token, start, end}) => tokenOf(signs, start, end, ids.get(token), token));
  };
  return {ids, encode};
}

// The pair that was learned first is joined, the leftmost of its places, until there is none.
function merge(symbols, ranks) {
  const rank = (place) => {
    const [one, other] = [symbols[place], symbols[place + 1]];
    return one && other ? (ranks.get(`${one.token} ${other.token}`) ?? Infinity) : Infinity;
  };
  const found = symbols.map((_, place) => rank(place));
  for (;;) {
    let best = -1;
    let least = Infinity;
    for (let place = 0; place < found.length; place++) {
      if (found[place] < least) [best, least] = [place, found[place]];
    }
    if (best < 0) return;
    const [one, other] = symbols.slice(best, best + 2);
    symbols.splice(best, 2, {token: one.token + other.token, start: one.start, end: other.end});
    found.splice(best + 1, 1);
    found[best] = rank(best);
    if (best) found[best - 1] = rank(best - 1);
  }
}

function unigram(config) {
  if (config.byte_fallback) throw new Error("unknown kind of Unigram");
  const ids = new Map(config.vocab.map(([piece], id) => [piece, id]));
  const scores = config.vocab.map(([, score]) => score);
  const longest = config.vocab.reduce((most, [piece]) => Math.max(most, Array.from(piece).length), 1);
  const unknown = config.unk_id;
  const unknown_score = scores.reduce((least, score) => Math.min(least, score), Infinity) - 10;
  const encode = (signs) => {
    const best = Array.from({length: signs.length + 1}, () => ({score: 0, from: -1, id: -1}));
    best[0].from = 0;
    const reach = (end, score, from, id) => {
      if (best[end].from < 0 || score > best[end].score) best[end] = {score, from, id};
    };
    for (let start = 0; start < signs.length; start++) {
      const till_here = best[start].score;
      let piece = "";
      let alone = false;
      for (let end = start + 1; end <= Math.min(signs.length, start + longest); end++) {
        piece += signs[end - 1][0];
        const id = ids.get(piece);
        if (id === undefined) continue;
        reach(end, scores[id] + till_here, start, id);
        alone ||= end === start + 1;
      }
      if (!alone) reach(start + 1, unknown_score + till_here, start, unknown);
    }
    const found = [];
    for (let end = signs.length; end > 0; end = best[end].from) {
      const last = found[0];
      const {from, id} = best[end];
      if (id === unknown && last?.id === unknown) last.start = from;
      else found.unshift({id, start: from, end});
    }
    return found.map(({id, start, end}) => {
      const token = signs.slice(start, end).map(([sign]) => sign).join("");
      return tokenOf(signs, start, end, ids.get(token) ?? id, token);
    });
  };
  return {ids, encode};
}

// ── What is added around a text ───────────────────────────────────────────────────────────────────────────────────

function templateOf(config, added_tokens) {
  const special = (token, id, type) => ({token, id, type});
  const part = (number, type) => ({part: number, type});
  const none = {single: [part(0, 0)], pair: [part(0, 0), part(1, 1)], trims: false, keepsFirst: false};
  if (!config) return none;
  const trimming = {trims: Boolean(config.trim_offsets), keepsFirst: config.add_prefix_space !== false};
  switch (config.type) {
    case "Sequence":
      return config.processors.map((one) => templateOf(one, added_tokens)).reduce((found, one) => ({
        ...(one.single.length > 1 ? one : found),
        trims: found.trims || one.trims,
        keepsFirst: found.trims ? found.keepsFirst : one.keepsFirst,
      }), none);
    case "ByteLevel": return {...none, ...trimming};
    case "RobertaProcessing": case "BertProcessing": {
      const [[sep, sep_id], [cls, cls_id]] = [config.sep, config.cls];
      const roberta = config.type === "RobertaProcessing";
      const type = roberta ? 0 : 1;
      const end = (number) => special(sep, sep_id, number);
      const single = [special(cls, cls_id, 0), part(0, 0), end(0)];
      return {
        single,
        pair: [...single, ...(roberta ? [end(0)] : []), part(1, type), end(type)],
        ...(roberta ? trimming : {trims: false, keepsFirst: false}),
      };
    }
    case "TemplateProcessing": {
      const items = (list) => list.flatMap((item) => {
        if (item.Sequence) return [part(item.Sequence.id === "A" ? 0 : 1, item.Sequence.type_id)];
        const {ids, tokens} = config.special_tokens[item.SpecialToken.id];
        return ids.map((id, number) => special(tokens[number], id, item.SpecialToken.type_id));
      });
      return {single: items(config.single), pair: items(config.pair), trims: false, keepsFirst: false};
    }
    default: throw new Error(`unknown post-processor ${config.type}`);
  }
}

// Offsets without the spaces that byte-level tokens begin and end with.
function trimmedTokens(tokens, keeps_first) {
  const blank = (sign) => sign === BYTES[32] || SPACE.test(sign);
  return tokens.map((one, number) => {
    const signs = Array.from(one.token);
    let leading = signs.findIndex((sign) => !blank(sign));
    leading = leading < 0 ? signs.length : leading;
    let trailing = signs.slice().reverse().findIndex((sign) => !blank(sign));
    trailing = trailing < 0 ? signs.length : trailing;
    let {start, end} = one;
    if (leading) {
      if (keeps_first && leading === 1 && (number === 0 || start === 0)) leading = 0; // it was added
      start = Math.min(start + leading, end);
    }
    if (trailing && end >= trailing) end = Math.max(end - trailing, start);
    return {...one, start, end};
  });
}

// How many tokens of two texts remain: the longer one is shortened first, then both to the same number.
function shortened([first, second], most) {
  if (first + second <= most) return [first, second];
  const swaps = first > second;
  let [less, more] = swaps ? [second, first] : [first, second];
  more = less > most ? less : Math.max(less, most - less);
  if (less + more > most) {
    less = Math.floor(most / 2);
    more = less + (most % 2);
  }
  return swaps ? [more, less] : [less, more];
}
