// Fails when what the browser must load has outgrown its budget (KB of 1024 bytes, gzip).
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const SHELL_KB = 130;
const PAGE_KB = 220;
const CHUNK_KB = 150;

const folder = new URL("../../src/foundations_server/static/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", folder), "utf8"));

async function weigh(file) {
  return gzipSync(await readFile(new URL(file, folder))).length / 1024;
}

/** The files of a manifest entry and of everything it loads with it. */
function collect(key, files = new Set()) {
  const entry = manifest[key];
  if (files.has(entry.file)) return files;
  files.add(entry.file);
  for (const sheet of entry.css ?? []) files.add(sheet);
  for (const other of entry.imports ?? []) collect(other, files);
  return files;
}

async function total(files) {
  const sizes = await Promise.all([...files].map(weigh));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const failures = [];
function check(name, size, budget) {
  console.log(`${name.padEnd(52)} ${size.toFixed(1).padStart(7)} of ${budget} KB`);
  if (size > budget) failures.push(name);
}

const shell = collect("index.html");
check("shell", await total(shell), SHELL_KB);
for (const [key, entry] of Object.entries(manifest)) {
  if (!entry.isDynamicEntry) continue;
  check(key, await weigh(entry.file), CHUNK_KB);
  check(`${key} with the shell`, await total(collect(key, new Set(shell))), PAGE_KB);
}
if (failures.length > 0) {
  console.error(`Over budget: ${failures.join(", ")}. Load it lazily or leave it out.`);
  process.exit(1);
}
