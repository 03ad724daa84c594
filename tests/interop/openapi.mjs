// Fails unless a public validator accepts a file as OpenAPI 3.1 and all references resolve: openapi.mjs FILE
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { resolve } = createRequire(`${process.env.INTEROP_NODE_MODULES}/`);
const { Validator } = await import(pathToFileURL(resolve("@seriousme/openapi-schema-validator")));

const validator = new Validator();
const { valid, errors } = await validator.validate(JSON.parse(readFileSync(process.argv[2], "utf8")));
if (!valid) throw new Error(JSON.stringify(errors, null, 2));
if (validator.version !== "3.1") throw new Error(`this is OpenAPI ${validator.version}`);
