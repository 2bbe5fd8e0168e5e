// Asks an offline page in Node.js, without a browser and without a network: `node ask_in_node.mjs PAGE FOLDER`, where
// FOLDER takes the page's programs. Reads lines of JSON {"rows": [...], "batch": 1} and writes lines of JSON; the first
// one holds the labels.

import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {createInterface} from "node:readline";
import {pathToFileURL} from "node:url";

const [, , page, folder] = process.argv;
const html = readFileSync(page, "latin1"); // what is packed is ASCII, and 500 MB are no text of another kind
let files = 0;

function unpacked(name) {
  const begin = `<script type="application/octet-stream" data-file="${name}">`;
  const found = [];
  for (let at = html.indexOf(begin); at >= 0; at = html.indexOf(begin, at)) {
    at += begin.length;
    found.push(html.slice(at, html.indexOf("</script>", at)));
  }
  return found;
}

async function loaded(code) {
  const file = join(folder, `module-${files++}.mjs`);
  writeFileSync(file, code);
  return import(pathToFileURL(file));
}

globalThis.fetch = () => {
  throw new Error("the page asked for the network");
};
globalThis.partsOf = unpacked;
globalThis.loadModule = loaded;
const program = '<script type="module">';
const start = html.indexOf(program) + program.length;
await loaded(Buffer.from(html.slice(start, html.indexOf("</script>", start)), "latin1").toString("utf8"));
const model = await classifier.model;
const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
write({labels: model.labels});
for await (const line of createInterface({input: process.stdin})) {
  const {rows, batch} = JSON.parse(line);
  write(await model.answer(rows, batch));
}
process.exit(0);
