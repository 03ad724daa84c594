// html-validate on every page, and the sizes of what a browser loads.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { SITE, load } from "./browser.mjs";

const { HtmlValidate, StaticConfigLoader } = load("html-validate");
const validator = new HtmlValidate(
  new StaticConfigLoader({
    root: true,
    extends: ["html-validate:recommended", "html-validate:a11y", "html-validate:document"],
    rules: {
      // No native element suggests values while the user types, with more text than the value.
      "prefer-native-element": ["error", { exclude: ["listbox"] }],
      // A hash proves nothing about files from the same host as the page that contains the hash.
      "require-sri": ["error", { target: "crossorigin" }],
    },
  }),
);

for (const path of readdirSync(SITE, { recursive: true }).filter((it) => it.endsWith(".html"))) {
  const html = readFileSync(join(SITE, path), "utf8");

  test(`html-validate finds nothing in ${path}`, async () => {
    const { results } = await validator.validateString(html, path);
    const found = results.flatMap(({ messages }) => messages.map((it) => `${it.line}:${it.column} ${it.ruleId}: ${it.message}`));
    assert.deepEqual(found, []);
  });

  test(`${path} is smaller than 80 KB without its samples`, () => {
    const bare = html.replace(/<div class="tabs".*?<\/div>/gs, "");
    assert.ok(Buffer.byteLength(bare) < 80_000, `${Buffer.byteLength(bare)} bytes`);
  });
}

test("the style sheet is smaller than 15 KB", () => {
  assert.ok(readFileSync(join(SITE, "style.css")).length < 15_000);
});
