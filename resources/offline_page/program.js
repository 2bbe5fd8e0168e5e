// Opens the model: every file is in this page, packed with gzip, in script elements that no browser runs.

const partsOf = globalThis.partsOf ?? ((name) => {
  const parts = Array.from(document.querySelectorAll(`script[data-file="${name}"]`));
  return parts.map((part) => {
    part.remove(); // so that its text needs no memory any more
    return part.textContent;
  });
});
const loadModule = globalThis.loadModule ?? ((code) => {
  return import(URL.createObjectURL(new Blob([code], {type: "text/javascript"})));
});

function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const signs = atob(text);
  const bytes = new Uint8Array(signs.length);
  for (let place = 0; place < bytes.length; place++) bytes[place] = signs.charCodeAt(place);
  return bytes;
}

async function stored(name) {
  const pieces = partsOf(name).map(fromBase64);
  if (!pieces.length) return new Uint8Array();
  const stream = new Blob(pieces).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function storedText(name) {
  return new TextDecoder("utf-8", {ignoreBOM: true}).decode(await stored(name));
}

async function storedObject(name) {
  const text = await storedText(name);
  return text ? JSON.parse(text) : null;
}

async function openModel() {
  const tokenizer = new Tokenizer(await storedObject("tokenizer.json"));
  const files = {
    config: await storedObject("config.json"),
    tokenizer_config: await storedObject("tokenizer_config.json"),
    calibration: await storedObject("calibration.json"),
  };
  const ort = await loadModule(await storedText("runtime"));
  Object.assign(ort.env.wasm, {numThreads: 1, proxy: false, wasmBinary: await stored("wasm")});
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(await stored("model"), {executionProviders: ["wasm"]});
  const run = async (feeds) => {
    const given = Object.entries(feeds).map(([name, [sizes, values]]) => [name, new ort.Tensor("int64", values, sizes)]);
    return (await session.run(Object.fromEntries(given))).logits.data;
  };
  return new Model(files, tokenizer, session.inputNames, run);
}

// What the page shows, and what a check of it asks: `await (await classifier.model).answer(["a text"])`.
const page = storedObject("page");
globalThis.classifier = {page, model: page.then(openModel), licences: () => storedText("licences")};
