// Runs an archive's verifier outside of a browser: a page's script in argv[2]; on each line of stdin, evidence.
"use strict";

const fs = require("fs");
const readline = require("readline");

const [, , folder] = process.argv;
const script = ["vendored.js", "verifier.js"].map((name) => fs.readFileSync(`${folder}/${name}`, "utf8")).join("");
const verifier = new Function(`${script}; return verifier;`)();

readline.createInterface({ input: process.stdin, crlfDelay: Infinity }).on("line", (line) => {
  const results = [...verifier.verify(JSON.parse(line))].map(({ name, proven, failure }) => ({
    name,
    failure: failure ?? null,
    shown: proven ? verifier.shown(proven.record) : null,
    holders: proven ? proven.holders.map((one) => one.member) : [],
  }));
  process.stdout.write(`${JSON.stringify(results)}\n`);
});
