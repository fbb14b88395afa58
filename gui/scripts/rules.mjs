// Checks what the linter cannot: file sizes, and that the arrow between folders points one way.
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const MAX_LINES = 250;
const source = fileURLToPath(new URL("../src", import.meta.url));

// folder -> what it may import beside itself
const ALLOWED = {
  styles: [],
  state: [],
  api: ["state"],
  ui: ["api", "state"],
  charts: ["api", "state", "ui"],
  features: ["api", "charts", "state", "ui"],
  app: ["api", "charts", "features", "state", "styles", "ui"],
};

const breaches = [];

/** `features/jobs/x.ts` -> `features/jobs`, `ui/x.ts` -> `ui`. */
function unit(path) {
  const parts = path.split("/");
  return parts[0] === "features" ? parts.slice(0, 2).join("/") : parts[0];
}

function checkImport(file, target) {
  const from = unit(file);
  const to = unit(target);
  if (from === to || !(from.split("/")[0] in ALLOWED)) return;
  const crossesFeatures = from.startsWith("features/") && to.startsWith("features/");
  if (crossesFeatures || !ALLOWED[from.split("/")[0]].includes(to.split("/")[0])) {
    breaches.push(`${file}: ${from} must not import ${to}`);
  }
}

for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(tsx?|css)$/.test(entry.name) || entry.name === "schema.d.ts")
    continue;
  const path = join(entry.parentPath, entry.name);
  const file = relative(source, path);
  const text = await readFile(path, "utf8");
  const lines = text.split("\n").length - 1;
  if (lines > MAX_LINES) breaches.push(`${file}: ${lines} lines, at most ${MAX_LINES}`);
  for (const match of text.matchAll(/(?:from|import\()\s*"(@\/|\.\.?\/)([^"]+)"/g)) {
    const base = match[1] === "@/" ? "" : join(file, "..", match[1]);
    checkImport(file, join(base, match[2]));
  }
}

for (const breach of breaches) console.error(breach);
process.exit(breaches.length > 0 ? 1 : 0);
