// Fails unless a public validator accepts a file as OpenAPI 3.1 and all references resolve: openapi.mjs FILE
import { createRequire } from "node:module";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const { resolve } = createRequire(`${process.env.INTEROP_NODE_MODULES}/`);
const { Validator } = await import(pathToFileURL(resolve("@seriousme/openapi-schema-validator")));

const [file] = process.argv.slice(2);
const schemas = join(dirname(file), "schemas");
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

const validator = new Validator();
for (const name of readdirSync(schemas).filter((it) => it.endsWith(".schema.json"))) {
  // The description refers to schemas by path; the schemas refer to each other by name.
  for (const address of [`schemas/${name}`, name]) {
    await validator.addSpecRef(read(join(schemas, name)), address);
  }
}
const { valid, errors } = await validator.validate(read(file));
if (!valid) throw new Error(JSON.stringify(errors, null, 2));
if (validator.version !== "3.1") throw new Error(`this is OpenAPI ${validator.version}`);
