// The answers of the model: what predict.py of an export gives, in the browser. Texts are read as code points, so that
// characters are counted as in Python.

const DO_NOT_KNOW = "don't know";
const USUAL_THRESHOLD = 0.5; // of a label among several
const MOST_TOKENS = 512; // where the tokenizer names no limit
const LIMITLESS = 1_000_000;
const OVERLAP = 32; // tokens that two windows of a long text share, at most a quarter of one
const BLANK = /[\p{White_Space}\x1c-\x1f]/u; // what Python takes for space
const UNSEEN = /[\p{Cc}\p{Cf}]/u;

class Model {
  // `files` are those of the exported folder; `run` is given {name: [sizes, values]} and returns all logits.
  constructor(files, tokenizer, inputs, run) {
    const {config, tokenizer_config: own, calibration} = files;
    this.labels = Object.keys(config.id2label).map((_, number) => String(config.id2label[number]));
    this.per_word = String(config.architectures?.[0] ?? "").endsWith("ForTokenClassification");
    // Else each word has a tag of its own.
    this.marks_entities = this.per_word && !this.labels.every((tag) => tag && kindOf(tag) === tag);
    this.problem = config.problem_type || "single_label_classification";
    this.calibration = calibration ?? {};
    const longest = Math.min(own.model_max_length || MOST_TOKENS, LIMITLESS);
    this.longest = longest === LIMITLESS ? MOST_TOKENS : longest;
    const id = (token) => tokenizer.ids.get(token?.content ?? token);
    this.padding = id(own.pad_token) ?? 0;
    this.unknown = id(own.unk_token);
    this.tokenizer = tokenizer;
    this.inputs = inputs;
    this.run = run;
    const last = tokenizer.encode("a").special.slice().reverse();
    this.trailing = Math.max(0, last.indexOf(false));
  }

  // The answer to each text, or pair as a list of two, so many at a time.
  async answer(texts, batch = 1) {
    const answers = [];
    for (let start = 0; start < texts.length; start += batch) {
      const some = texts.slice(start, start + batch);
      const read = some.map((text) => this.windows(text));
      const rows = read.flat();
      let logits = [];
      for (let first = 0; first < rows.length; first += batch) {
        logits.push(...await this.logits(rows.slice(first, first + batch)));
      }
      some.forEach((text, number) => {
        const windows = read[number];
        const own = logits.slice(0, windows.length);
        logits = logits.slice(windows.length);
        const found = this.per_word ? this.ofWords(Array.from(text), windows, own) : this.ofText(own[0][0]);
        answers.push(windows[0].cut ? {...found, cut_tokens: windows[0].cut} : found);
      });
    }
    return answers;
  }

  // A text in which entities are marked in overlapping windows, where it is longer than one; all else alone.
  windows(text) {
    const one = this.marks_entities && typeof text === "string" ? this.tokenizer.encode(text) : null;
    if (!one || one.ids.length <= this.longest) return [this.encoded(text)];
    const head = one.special.indexOf(false);
    const tail = one.ids.length - this.trailing;
    const room = this.longest - head - this.trailing;
    const step = Math.max(1, room - Math.min(OVERLAP, Math.floor(this.longest / 4)));
    const found = [];
    for (let start = head; ; start += step) {
      const end = Math.min(start + room, tail);
      found.push(columns(one, [[0, head], [start, end], [tail, one.ids.length]], 0));
      if (end === tail) return found;
    }
  }

  // A text or a pair as token ids, cut as the model was trained to read it.
  encoded(text) {
    const [first, second] = typeof text === "string" ? [text, null] : text;
    const one = this.tokenizer.encode(first, second);
    const cut = Math.max(0, one.ids.length - this.longest);
    if (!cut) return {...one, cut};
    if (second !== null) return {...this.tokenizer.encode(first, second, this.longest), cut};
    const [head, tail] = [this.longest - this.trailing, one.ids.length - this.trailing];
    return columns(one, [[0, head], [tail, one.ids.length]], cut);
  }

  // The logits of each row: [1][labels], or [tokens][labels] where words have labels.
  async logits(rows) {
    const length = Math.max(...rows.map((row) => row.ids.length));
    const size = rows.length * length;
    const given = {
      input_ids: new BigInt64Array(size).fill(BigInt(this.padding)),
      attention_mask: new BigInt64Array(size),
      token_type_ids: new BigInt64Array(size),
    };
    rows.forEach((row, number) => row.ids.forEach((id, place) => {
      const at = number * length + place;
      given.input_ids[at] = BigInt(id);
      given.attention_mask[at] = 1n;
      given.token_type_ids[at] = BigInt(row.types[place]);
    }));
    const feeds = Object.fromEntries(this.inputs.map((name) => [name, [[rows.length, length], given[name]]]));
    const values = await this.run(feeds);
    const width = this.labels.length;
    const temperature = this.calibration.temperature ?? 1;
    const at = (place) => Array.from(values.subarray(place * width, (place + 1) * width), (one) => one / temperature);
    return rows.map((row, number) => {
      if (!this.per_word) return [at(number)];
      return row.ids.map((_, place) => at(number * length + place));
    });
  }

  ofText(logits) {
    if (this.problem === "regression") return {answer: logits[0]};
    const thresholds = this.calibration.thresholds ?? {};
    const several = this.problem === "multi_label_classification";
    const likely = several ? logits.map((logit) => 1 / (1 + Math.exp(-logit))) : softmax(logits);
    const ordered = this.labels.map((label, number) => [label, likely[number]]);
    ordered.sort(([, one], [, other]) => other - one);
    const scores = ordered.map(([label, score]) => ({label, score}));
    const limit = (label) => (Object.hasOwn(thresholds, label) ? thresholds[label] : null);
    if (several) {
      const given = ordered.filter(([label, score]) => score >= (limit(label) ?? USUAL_THRESHOLD));
      return {answer: given.map(([label]) => label), scores};
    }
    const reached = ordered.filter(([label, score]) => limit(label) !== null && score >= limit(label));
    const [label, score] = [...reached, ...ordered.filter(([one]) => limit(one) === null), ...ordered][0];
    const found = {answer: label, label, score, scores};
    const rule = this.calibration.unsure;
    let unsure = false;
    if (rule?.kind === "confidence") unsure = score < (rule.least_confidence ?? 0);
    else if (rule) {
      const cuts = rule.label_cutoffs ?? {};
      const cut = (name) => (Object.hasOwn(cuts, name) ? cuts[name] : (rule.cutoff ?? 0));
      found.possible = this.labels.filter((name, number) => likely[number] >= cut(name));
      unsure = found.possible.length !== 1 || found.possible[0] !== label;
    }
    return unsure ? {...found, answer: DO_NOT_KNOW, unsure} : found;
  }

  ofWords(signs, windows, logits) {
    let found = [];
    windows.forEach((row, number) => {
      const likely = logits[number].map(softmax);
      const tags = likely.map((one) => this.labels[one.indexOf(Math.max(...one))]);
      if (this.marks_entities) found.push(...this.entities(signs, row, likely, tags, windows.length > 1));
      else found.push(...this.words(signs, row, likely, tags));
    });
    if (windows.length > 1) found = withoutOverlaps(found, signs);
    return {answer: found.map((one) => ({...one, text: signs.slice(one.start, one.end).join("")}))};
  }

  // Tokens joined to entities, as the pipeline of transformers does that the model was proven with.
  entities(signs, row, likely, tags, untrimmed) {
    const offsets = row.offsets.map(([start, end]) => (untrimmed ? [start, end] : trimmedSpan(signs, start, end)));
    const read = this.read(signs, row);
    const is_read = new Set(read);
    const found = [];
    for (const [start, end, label] of entitiesIn(read.map((place) => tags[place]))) {
      const last = end < read.length ? read[end] : row.ids.length; // each prediction holds up to the next
      const shown = [];
      for (let place = read[start]; place < last; place++) {
        const [from, to] = offsets[place];
        const seen = is_read.has(place) || signs.slice(from, to).some((sign) => !UNSEEN.test(sign));
        if (!row.special[place] && seen && from < to) shown.push([from, to]);
      }
      if (!shown.length) continue;
      const certain = read.slice(start, end).map((place) => Math.max(...likely[place]));
      const score = certain.reduce((sum, one) => sum + one, 0) / certain.length;
      found.push({start: shown[0][0], end: shown[shown.length - 1][1], label, score});
    }
    return found;
  }

  // The tokens whose predictions are taken: not those that continue a word, where the vocabulary marks them.
  read(signs, row) {
    const found = [];
    let is_first = true;
    row.ids.forEach((id, place) => {
      const [start, end] = row.offsets[place];
      const is_longer = Array.from(row.tokens[place]).length !== Math.min(end, signs.length) - start;
      const continues = this.tokenizer.prefix && !is_first && id !== this.unknown && is_longer;
      if (!row.special[place] && !continues) found.push(place);
      is_first &&= row.special[place];
    });
    return found;
  }

  // Each word with the tag of its first own token, else of one that it shares, or of the word before it.
  words(signs, row, likely, tags) {
    const words = wordsIn(signs);
    const own = words.map(() => []);
    const shared = words.map(() => []);
    let first = 0;
    row.offsets.forEach(([from, to], place) => {
      const [start, end] = trimmedSpan(signs, from, to);
      if (row.special[place] || start === end) return;
      while (first < words.length && words[first][1] <= start) first++;
      for (let number = first; number < words.length && words[number][0] < end; number++) {
        shared[number].push(place);
        if (number === first) own[number].push(place);
      }
    });
    const found = [];
    let before = -1;
    words.forEach(([start, end], number) => {
      before = own[number][0] ?? shared[number][0] ?? before;
      if (before >= 0) found.push({start, end, label: kindOf(tags[before]), score: Math.max(...likely[before])});
    });
    return found;
  }
}

function columns(row, ranges, cut) {
  const taken = (column) => ranges.flatMap(([start, end]) => row[column].slice(start, end));
  const names = ["ids", "types", "offsets", "tokens", "special"];
  return {...Object.fromEntries(names.map((name) => [name, taken(name)])), cut};
}

function softmax(logits) {
  const most = Math.max(...logits);
  const raised = logits.map((logit) => Math.exp(logit - most));
  const sum = raised.reduce((total, one) => total + one, 0);
  return raised.map((one) => one / sum);
}

function kindOf(tag) {
  if (["", "O", "o"].includes(tag)) return "";
  return /^[BI]-./su.test(tag) ? tag.slice(2) : tag;
}

// Spans [start, end) of tags with their type; an I- without a beginning begins one.
function entitiesIn(tags) {
  const spans = [];
  let [start, kind] = [0, ""];
  [...tags, "O"].forEach((tag, place) => {
    if (kind && tag === `I-${kind}`) return;
    if (kind) spans.push([start, place, kind]);
    [start, kind] = [place, kindOf(tag)];
  });
  return spans;
}

// Of entities that share characters, as windows find them, the longest, then the surest, without spaces around.
function withoutOverlaps(found, signs) {
  const kept = [];
  for (const one of found.slice().sort((a, b) => a.start - b.start)) {
    const last = kept[kept.length - 1];
    const [length, other] = last ? [one.end - one.start, last.end - last.start] : [0, 0];
    if (!last || one.start >= last.end) kept.push(one);
    else if (length > other || (length === other && one.score > last.score)) kept[kept.length - 1] = one;
  }
  return kept.flatMap((one) => {
    const [start, end] = trimmedSpan(signs, one.start, one.end);
    return start < end ? [{...one, start, end}] : [];
  });
}

// The characters of a token without the spaces around them.
function trimmedSpan(signs, start, end) {
  while (start < end && BLANK.test(signs[start])) start++;
  while (start < end && BLANK.test(signs[end - 1])) end--;
  return [start, end];
}

// ── Words of a text ───────────────────────────────────────────────────────────────────────────────────────────────

// Letters and marks of scripts without spaces between words, each a word of its own; as in predict.py.
const ALONE = (
  "2c7 2c9-2cb 305 323 e01-e3a e40-e4e e81-ece edc-f00 f18-f19 f35 f37 f39 f3e-f84 f86-fbc fc6 1000-103f 1050-108f " +
  "109a-109d 1780-17d3 17d7 17dc-17dd 1950-19c9 1a20-1a7c 1aa7 1b00-1b4c 1b6b-1b73 3005-3007 3021-302d 3031-3035 " +
  "3038-303c 3041-309a 309d-309f 30a1-30fa 30fc-312f 31a0-31bf 31f0-31ff 3400-4dbf 4e00-9fff a980-a9c0 a9cf " +
  "a9e0-a9ef a9fa-a9fe aa60-aa76 aa7a-aadd f900-fad9 ff66-ff9f 11700-1172b 11740-11746 16fe0 16fe3 16ff0-18aff " +
  "18d00-18df2 1aff0-1b168 20000-33479"
).split(" ").map((range) => range.split("-").map((code) => `\\u{${code}}`).join("-")).join("");
const INVISIBLE = "\\p{Default_Ignorable_Code_Point}";
const CONTINUING = `(?:(?!\\u200b)[\\p{M}${INVISIBLE}])*`;
const LETTERS = `(?:(?![\\p{M}${INVISIBLE}${ALONE}])[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}]${CONTINUING})+`;
// Links, @names and #topics whole; 3.5, U.S and well-known together; every other sign alone.
const WORDS = new RegExp(
  `https?://[^\\p{White_Space}${ALONE}]+|[@#]?${LETTERS}(?:[-.,&/_]${LETTERS})*|['’]${LETTERS}`, "uy",
);
const NO_WORD = new RegExp(`[\\p{White_Space}${INVISIBLE}\\p{Cc}\\ufff9-\\ufffb]`, "uy");
const JOINED = new RegExp(CONTINUING, "uy");

// The words of a text as characters [start, end).
function wordsIn(signs) {
  const text = signs.join("");
  const graphemes = new Intl.Segmenter("en", {granularity: "grapheme"});
  const found = [];
  let [unit, place] = [0, 0];
  const matches = (pattern, from) => {
    pattern.lastIndex = from;
    return pattern.exec(text)?.[0] ?? "";
  };
  while (unit < text.length) {
    let word = matches(WORDS, unit);
    const is_nothing = !word && matches(NO_WORD, unit);
    if (is_nothing) word = is_nothing;
    else if (!word) {
      const {segment} = graphemes.segment(text.slice(unit, unit + 200)).containing(0);
      word = segment + matches(JOINED, unit + segment.length);
    }
    const length = Array.from(word).length;
    if (!is_nothing) found.push([place, place + length]);
    unit += word.length;
    place += length;
  }
  return found;
}
