// The form on the contribute page: the file that it writes and the problems that it lists, compared with the program.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";

import { start } from "./browser.mjs";

const visit = await start();
const PAGE = "contribute/";

/** Runs the program on a root in which only this file is. */
function tfadir(args, path, text) {
  const root = mkdtempSync(join(tmpdir(), "form-"));
  try {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
    const run = spawnSync(process.env.TFADIR, [...args, "--root", root], { encoding: "utf8" });
    return { ...run, text: readFileSync(join(root, path), "utf8") };
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Fills in the form with the keyboard: texts by the id of their field, and arrays of choices. */
async function fill(page, values) {
  for (const [id, value] of Object.entries(values)) {
    if (typeof value === "string") {
      await page.focus(`#field-${id}`);
      await page.keyboard.type(value);
    }
    for (const choice of Array.isArray(value) ? value : []) {
      await page.focus(`#field-${id} input[value="${choice}"]`);
      await page.keyboard.press("Space");
    }
  }
  return page.evaluate(() => ({
    path: document.querySelector("#path").textContent,
    text: document.querySelector("#json").textContent,
    status: document.querySelector("#status").textContent,
    problems: [...document.querySelectorAll("#problems li")].map((it) => it.textContent),
    invalid: [...document.querySelectorAll('[aria-invalid="true"]')].map((it) => it.id.replace("field-", "")),
    link: document.querySelector("#open:not([hidden])")?.href,
  }));
}

const plain = { name: "Bank", domain: "bank.example", tfa: ["totp"], categories: ["banking"] };
const silent = { name: "Bank", domain: "bank.example", categories: ["other"] };

for (const [what, values] of Object.entries({
  "the least": plain,
  "every field of a site with methods": {
    name: " Bänk & Söhne \"1822\" ",
    domain: "bank.example",
    "additional-domains": "b.example\n\n b-2.example ",
    url: "https://bank.example/start",
    img: "bank.png",
    tfa: ["custom-hardware", "totp", "custom-software"],
    "custom-software": "Bank, the App\nApp \\ 2",
    "custom-hardware": "Fob",
    documentation: "https://bank.example/%C3%A9?a=b&c=d#e",
    recovery: "http://bank.example/lost",
    notes: "Only for “companies” – 日本 😀 </script> &amp too.",
    categories: ["banking", "backup"],
    regions: "us\nca",
  },
  "a contact": { ...silent, "contact-email": "a.b+c@bank.example", "contact-twitter": "bank", "contact-language": "de" },
  "a contact form": { ...silent, "contact-facebook": "Bank", "contact-form": "https://bank.example/form" },
  "a name that is special in JavaScript": { ...plain, name: "__proto__" },
  "a name that is a number": { ...plain, name: "1822", regions: "-us" },
})) {
  test(`${what}: the file is as the program writes it, without problems`, () =>
    visit(PAGE, {}, async (page) => {
      const { path, text, status, problems, invalid } = await fill(page, values);
      assert.deepEqual({ problems, invalid }, { problems: [], invalid: [] });
      assert.match(status, /^No problems\./);
      assert.equal(path, "entries/b/bank.example.json");
      const formatted = tfadir(["fmt"], path, text);
      assert.deepEqual([formatted.status, formatted.text], [0, text], formatted.stdout);
      const checked = JSON.parse(tfadir(["check", "--format", "json"], path, text).stdout);
      assert.deepEqual(checked.findings.filter(({ severity }) => severity === "error"), []);
    }));
}

for (const [what, values, problem, invalid = []] of [
  ["no name", { ...plain, name: "" }, "name: This field is missing."],
  ["no domain", { ...plain, domain: "" }, "domain: This field is missing."],
  ["no category", { ...plain, categories: [] }, "categories: This field is missing."],
  ["neither methods nor a contact", silent, "An entry needs either tfa or contact, not both."],
  ["methods and a contact", { ...plain, "contact-twitter": "x" }, "An entry needs either tfa or contact, not both."],
  ["a domain in capitals", { ...plain, domain: "Bank.example" }, /^domain: This is not a domain\./, ["domain"]],
  ["a domain with a long label", { ...plain, domain: `${"a".repeat(64)}.example` }, /^domain: This is not/, ["domain"]],
  ["a domain with a hyphen at the end", { ...plain, domain: "bank-.example" }, /^domain: This is not/, ["domain"]],
  ["an underscore in a domain", { ...plain, domain: "my_bank.example" }, /^domain: This is not/, ["domain"]],
  ["a wrong second domain", { ...plain, "additional-domains": "b.example\nB" }, /^additional-domains: This is not/, ["additional-domains"]],
  ["a domain twice", { ...plain, "additional-domains": "b.example\nb.example" }, "additional-domains: A value is repeated.", ["additional-domains"]],
  ["a script as a URL", { ...plain, documentation: "javascript:alert(1)" }, /^documentation: This is not a full URL\./, ["documentation"]],
  ["a space in a URL", { ...plain, documentation: "https://bank.example/a b" }, /^documentation: This is not/, ["documentation"]],
  ["a short note", { ...plain, notes: "Short." }, "notes: The text is shorter than 10 characters.", ["notes"]],
  ["a note without methods", { ...silent, "contact-twitter": "x", notes: "Only for companies." }, /^notes: .*require tfa\.$/, ["notes"]],
  ["an app without a name", { ...plain, tfa: ["custom-software"] }, "custom-software: This field is missing."],
  ["an app without its method", { ...plain, "custom-software": "App" }, /^custom-software: .*not allowed otherwise/, ["custom-software"]],
  ["mixed regions", { ...plain, regions: "us\n-ca" }, /^regions: The regions are either all included/, ["regions"]],
  ["a wrong e-mail address", { ...silent, "contact-email": "a@b@c.example" }, /^contact-email: This is not an e-mail address\./, ["contact-email"]],
  ["an address and a form", { ...silent, "contact-email": "a@bank.example", "contact-form": "https://bank.example/" }, "A contact has either email or form, not both."],
]) {
  test(`${what}: both the form and the program report it`, () =>
    visit(PAGE, {}, async (page) => {
      const result = await fill(page, values);
      const isExpected = (it) => (typeof problem === "string" ? it === problem : problem.test(it));
      assert.ok(result.problems.some(isExpected), result.problems.join("\n"));
      assert.equal(result.link, undefined);
      assert.match(result.status, /^\d problems? left:$/);
      assert.deepEqual(result.invalid, invalid);
      const path = "entries/b/bank.example.json";
      const run = tfadir(["check", "--format", "json"], path, result.text);
      const errors = JSON.parse(run.stdout).findings.filter(({ severity, rule }) => severity === "error" && !rule.startsWith("file-"));
      assert.notEqual(errors.length, 0);
    }));
}

test("problems link to their fields", () =>
  visit(PAGE, {}, async (page) => {
    await fill(page, { name: "Bank" });
    await page.click("#problems a");
    await page.keyboard.type("bank.example");
    assert.equal(await page.$eval("#field-domain", (it) => it.value), "bank.example");
  }));

test("the file can be proposed on GitHub, with its path and text", () =>
  visit(PAGE, {}, async (page) => {
    const { path, text, link } = await fill(page, { ...plain, notes: "Only for companies & others: 100 %, “ü”?" });
    const url = new URL(link);
    assert.equal(url.origin + url.pathname, "https://github.com/example/directory/new/HEAD");
    assert.deepEqual([...url.searchParams], [["filename", path], ["value", text]]);
  }));

test("the file can be copied", () =>
  visit(PAGE, {}, async (page) => {
    const { text } = await fill(page, plain);
    await page.bringToFront();
    await page.focus("#result .copy");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("#result .copy").textContent === "Copied");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
  }));

test("markup in a value stays text", () =>
  visit(PAGE, {}, async (page) => {
    const name = "<img src=x onerror=alert(1)>";
    const { text } = await fill(page, { ...plain, name, domain: "<b>" });
    assert.deepEqual(Object.keys(JSON.parse(text)), [name]);
    assert.equal(await page.$$eval("main img, main b", (all) => all.length), 0);
  }));

test("without the schema, the form still writes the file, and says that it is not checked", () =>
  visit(PAGE, {}, async (page) => {
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      if (request.url().endsWith("entry.schema.json")) request.respond({ status: 200, contentType: "application/json", body: "<" });
      else request.continue();
    });
    await page.reload({ waitUntil: "networkidle0" });
    const { text, status } = await fill(page, plain);
    assert.match(status, /could not be loaded/);
    assert.ok(text.includes("bank.example"));
  }));

test("without the script, the page explains how to write the file", () =>
  visit(PAGE, { script: false }, async (page) => {
    const shown = await page.$$eval("form, #result", (all) => all.filter((it) => it.checkVisibility()).length);
    assert.equal(shown, 0);
    assert.match(await page.$eval("main", (it) => it.innerText), /The form needs JavaScript\. Without it, write the file by hand/);
  }));
