// Writes src/api/schema.d.ts from the server's OpenAPI document: `npm run gen [-- path]`.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const source = process.argv[2] ?? "openapi.json";
const target = new URL("../src/api/schema.d.ts", import.meta.url);
const document = JSON.parse(await readFile(source, "utf8"));
const banner =
  "// Generated from the server's OpenAPI document by `make openapi`; do not edit.\n\n";
await writeFile(target, banner + astToString(await openapiTS(document)));
console.log(`Wrote ${target.pathname} from ${source}.`);
