// What is seen of the page. Texts are put in as texts, never as markup.

const MOST_BARS = 12;
const PAUSE = 300; // milliseconds without a key before a text is answered
const COLORS = 6;
const part = (id) => document.getElementById(id);

function made(name, options = {}, ...children) {
  const {style = {}, ...attributes} = options;
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  for (const [key, value] of Object.entries(style)) element.style.setProperty(key, value);
  element.append(...children);
  return element;
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

// Bars of probabilities; what is given stands out, and a threshold is a line.
function bars(scores, given, thresholds) {
  const row = ({label, score}) => {
    const bar = made("div", {class: "bar"}, made("div", {class: "filled", style: {width: `${100 * score}%`}}));
    if (thresholds?.(label) != null) bar.append(made("div", {class: "limit", style: {left: `${100 * thresholds(label)}%`}}));
    const name = made("span", {class: "name", dir: "auto"}, label);
    return made("li", {class: given.includes(label) ? "given" : ""}, name, bar, made("span", {class: "share"}, percent(score)));
  };
  const shown = [made("ol", {class: "bars"}, ...scores.slice(0, MOST_BARS).map(row))];
  if (scores.length > MOST_BARS) {
    const rest = made("ol", {class: "bars"}, ...scores.slice(MOST_BARS).map(row));
    shown.push(made("details", {}, made("summary", {}, `${scores.length - MOST_BARS} more`), rest));
  }
  return shown;
}

function marked(text, found, kinds, words) {
  const signs = Array.from(text);
  const color = (label) => ({"--color": `var(--series-${kinds.indexOf(label) % COLORS})`});
  const shown = made("p", {class: words ? "text tagged" : "text", dir: "auto"});
  let before = 0;
  for (const {start, end, label, score} of found) {
    shown.append(signs.slice(before, start).join(""));
    const tag = made("span", {class: "tag"}, label || "–");
    const title = `${label || "no label"}, ${percent(score)}`;
    shown.append(made("mark", {title, style: color(label)}, signs.slice(start, end).join(""), tag));
    before = end;
  }
  shown.append(signs.slice(before).join(""));
  return shown;
}

function answered(model, texts, found) {
  const {answer, scores} = found;
  if (model.per_word) {
    const kinds = [...new Set(found.answer.map((one) => one.label))].sort();
    const shown = [marked(texts[0], answer, kinds, !model.marks_entities)];
    if (!answer.length) shown.unshift(made("h2", {}, "Nothing found"));
    if (model.marks_entities && answer.length) {
      const row = (one) => made("tr", {}, made("td", {dir: "auto"}, one.text), made("td", {}, one.label), made("td", {class: "number"}, percent(one.score)));
      const head = made("tr", {}, ...["Entity", "Label", "Probability"].map((title) => made("th", {}, title)));
      shown.push(made("table", {}, made("thead", {}, head), made("tbody", {}, ...answer.map(row))));
    }
    return shown;
  }
  if (typeof answer === "number") return [made("h2", {class: "number"}, String(Number(answer.toPrecision(4))))];
  const thresholds = model.calibration.thresholds ?? {};
  if (Array.isArray(answer)) {
    const limit = (label) => (Object.hasOwn(thresholds, label) ? thresholds[label] : USUAL_THRESHOLD);
    const title = answer.length ? answer.join(", ") : "No label reaches its threshold";
    return [made("h2", {dir: "auto"}, title), ...bars(scores, answer, limit)];
  }
  const shown = [made("h2", {dir: "auto", class: found.unsure ? "unsure" : ""}, found.unsure ? "Don't know" : answer)];
  if (found.unsure) {
    const possible = found.possible?.length ? found.possible.join(", ") : "";
    const most = `Most likely: ${found.label}, ${percent(found.score)}.`;
    shown.push(made("p", {class: "quiet", dir: "auto"}, possible ? `Possible: ${possible}.` : most));
  }
  const limit = (label) => (Object.hasOwn(thresholds, label) ? thresholds[label] : null);
  return [...shown, ...bars(scores, found.unsure ? [] : [answer], limit)];
}

const [first, second, state, result] = ["first", "second", "state", "result"].map(part);
let model = null;
let pairs = false;
let asked = 0;
let shown = 0;
let busy = false;

async function ask() {
  if (!model || busy) return;
  const texts = [first.value, ...(pairs ? [second.value] : [])];
  if (texts.some((text) => !text.trim())) {
    result.hidden = true;
    shown = asked;
    return;
  }
  busy = true;
  const number = asked;
  const began = performance.now();
  try {
    const [found] = await model.answer([pairs ? texts : texts[0]]);
    result.replaceChildren(...answered(model, texts, found));
    if (found.cut_tokens) {
      const cut = `Too long: the last ${found.cut_tokens} tokens were not read.`;
      result.append(made("p", {class: "caution"}, cut));
    }
    state.textContent = `Answered in ${Math.round(performance.now() - began)} ms, in this browser.`;
  } catch (error) {
    result.replaceChildren(made("p", {class: "caution"}, `This text could not be answered: ${error.message}`));
  }
  result.hidden = false;
  shown = number;
  busy = false;
  if (shown !== asked) ask();
}

function changed() {
  const number = ++asked;
  setTimeout(() => {
    if (number === asked) ask();
  }, PAUSE);
}

async function start() {
  const {about, pairs: is_pair} = await classifier.page;
  pairs = is_pair;
  part("about").append(...about.flatMap(([name, value]) => [made("dt", {}, name), made("dd", {dir: "auto"}, value)]));
  part("pair").hidden = !pairs;
  for (const field of [first, second]) field.addEventListener("input", changed);
  part("form").addEventListener("submit", (event) => {
    event.preventDefault();
    asked++;
    ask();
  });
  first.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) part("form").requestSubmit();
  });
  part("licences").addEventListener("toggle", async () => {
    if (part("licences-text").textContent === "") part("licences-text").textContent = await classifier.licences();
  }, {once: true});
  const began = performance.now();
  try {
    model = await classifier.model;
    state.textContent = `Ready after ${((performance.now() - began) / 1000).toFixed(1)} s. Nothing that you type leaves this page.`;
    part("ask").disabled = false;
    asked++;
    ask();
  } catch (error) {
    state.className = "caution";
    state.textContent = `This browser cannot open the model: ${error.message}`;
  }
}

start();
