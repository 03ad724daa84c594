// The form on the contribute page, compared with the program: from the form to files that the checks of a pull request
// accept, and the same verdict on the same input.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { setTimeout } from "node:timers/promises";
import { deflateSync } from "node:zlib";

import { inaccessible } from "./axe.mjs";
import { PHONE, start } from "./browser.mjs";
import { Repository, fileOf } from "./repository.mjs";

const visit = await start();
const PAGE = "contribute/";
const repository = new Repository(process.env.ROOT);
after(() => repository.remove());

/** Sets the fields of the form as a visitor does: texts by the id of their field, and arrays of choices. */
async function fill(page, values) {
  const answer = values["has-2fa"] ?? (values.tfa === undefined ? "no" : "yes");
  if (answer !== "") await page.click(`[name=has-2fa][value=${answer}]`);
  await page.$eval("#entry details", (it) => (it.open = true));
  const lists = (ids) => Object.entries(values).filter(([id, value]) => Array.isArray(value) === ids && id !== "has-2fa");
  for (const [id, choices] of lists(true)) {
    for (const choice of choices) await page.click(`#field-${id} input[value="${choice}"]`);
  }
  for (const [id, text] of lists(false)) {
    if (!(await page.$eval(`#field-${id}`, (it) => it.checkVisibility()))) continue;
    await page.$eval(`#field-${id}`, (field, value) => {
      field.value = value;
      for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
    }, text);
  }
  await page.click("#entry [type=submit]");
  return page.evaluate(() => ({
    isDone: document.querySelector("#result").checkVisibility(),
    path: document.querySelector("#path").textContent,
    text: document.querySelector("#json").textContent,
    problems: Object.fromEntries([...document.querySelectorAll("#entry .error:not([hidden], .advice)")].map((it) => [it.id.replace("error-", ""), it.textContent])),
    // What a screen reader adds to the focused field.
    described: [document.activeElement, document.activeElement.closest("fieldset[aria-describedby]")].map((it) => it?.getAttribute("aria-describedby") ?? "").join(" "),
  }));
}

/** The entry that someone writes by hand with these values. */
function byHand(values) {
  const { name = "", "has-2fa": _, ...rest } = values;
  const entry = {};
  for (const [id, value] of Object.entries(rest)) {
    if (value === "" || value.length === 0) continue;
    const isList = ["additional-domains", "custom-software", "custom-hardware", "regions"].includes(id);
    const item = isList ? value.split("\n") : value;
    if (id.startsWith("contact-")) (entry.contact ??= {})[id.replace("contact-", "")] = item;
    else entry[id] = item;
  }
  return fileOf(name, entry);
}

const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';

/** A PNG file with sides of this length. */
function png(side) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    let rest = ~0;
    for (const byte of body) {
      rest ^= byte;
      for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
    }
    crc.writeUInt32BE(~rest >>> 0);
    return Buffer.concat([length, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((side + 1) * side);
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** Chooses a file of this name on the page, and returns what the page says. */
async function chooseIcon(page, name, content) {
  const folder = mkdtempSync(join(tmpdir(), "icon-"));
  try {
    writeFileSync(join(folder, name), content);
    await page.$eval("#icon-status", (it) => (it.textContent = "…"));
    await (await page.$("#icon")).uploadFile(join(folder, name));
    await page.waitForFunction(() => document.querySelector("#icon-status").textContent !== "…");
    return page.evaluate(() => ({
      error: document.querySelector("#error-icon:not([hidden])")?.textContent ?? "",
      status: document.querySelector("#icon-status").textContent,
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Downloads the archive of the page and unpacks it in the repository. */
async function unpackInto(page, folder) {
  const downloads = mkdtempSync(join(tmpdir(), "download-"));
  try {
    const session = await page.createCDPSession();
    await session.send("Page.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
    const name = await page.$eval("#download", (link) => link.download);
    await page.click("#download");
    while (!existsSync(join(downloads, name))) await setTimeout(20);
    // An archive that another program can read.
    const { status, stderr } = spawnSync("python3", ["-m", "zipfile", "--extract", join(downloads, name), folder], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  } finally {
    rmSync(downloads, { recursive: true });
  }
}

const plain = { name: "Bank", domain: "bank.example", tfa: ["totp"], documentation: "https://bank.example/2fa", categories: ["banking"] };
const silent = { name: "Bank", domain: "bank.example", "contact-twitter": "bank", categories: ["other"] };

// From the form to a pull request -----------------------------------------------------------

for (const [what, values, icon = "logo.svg"] of [
  ["a site with 2FA", plain],
  ["a site without 2FA", { ...silent, "contact-email": "help@bank.example", "contact-language": "de" }],
  ["custom methods", { ...plain, tfa: ["custom-hardware", "totp", "custom-software"], "custom-software": "Bank, the App\nApp \\ 2", "custom-hardware": "Fob" }],
  ["countries by name, with a PNG icon", { ...plain, regions: "uk, United States\nGermany" }, "logo.png"],
  ["excluded countries", { ...plain, name: "1822", regions: "-us" }],
  ["additional domains, as pasted", { ...plain, domain: "https://www.Bank.example/login", "additional-domains": "b.example\n\n https://b-2.example/ " }],
  ["an international domain and name", { ...plain, name: " Bänk & Söhne \"日本\" 😀 ", domain: "Bänk.example", documentation: "https://bänk.example/ü b" }],
  ["every other field", { ...plain, url: "http://bank.example/start", recovery: "bank.example/lost", notes: "Only for “companies” – </script> &amp too." }],
  ["a name that is special in JavaScript", { ...silent, name: "__proto__", "contact-form": "https://bank.example/form", "contact-facebook": "https://facebook.com/Bank/" }],
]) {
  test(`${what}: the form leads to a green pull request`, () =>
    visit(PAGE, {}, async (page) => {
      const { isDone, path, text, problems } = await fill(page, values);
      assert.ok(isDone, JSON.stringify(problems));
      const said = await chooseIcon(page, icon, icon.endsWith("svg") ? ICON : png(64));
      assert.deepEqual(said, { error: "", status: "This icon can be used." });
      await unpackInto(page, repository.folder);
      try {
        assert.deepEqual(repository.errors(), []);
        const formatted = repository.tfadir("fmt");
        const inForm = await page.$eval("#json", (it) => it.textContent);
        assert.deepEqual([formatted.status, repository.read(path)], [0, inForm], formatted.stdout);
        assert.ok(icon.endsWith("png") || inForm === text);
      } finally {
        repository.reset();
      }
    }));
}

test("a listed site: its own entry is changed, and the pull request is green", () =>
  visit(`${PAGE}?domain=https://www.good.example/login`, {}, async (page) => {
    assert.match(await page.$eval("#edited", (it) => it.innerText), /^You are correcting the published entry of Good\.$/);
    const { isDone, path, text, problems } = await fill(page, { "has-2fa": "", notes: "Only for companies." });
    assert.ok(isDone, JSON.stringify(problems));
    const before = JSON.parse(repository.read(path));
    assert.deepEqual(JSON.parse(text), { Good: { ...before.Good, notes: "Only for companies." } });
    const edit = await page.$eval("#edit", (it) => it.checkVisibility() && it.href);
    assert.equal(edit, "https://github.com/example/directory/edit/HEAD/entries/g/good.example.json");
    repository.write(path, text);
    try {
      assert.deepEqual(repository.errors(), []);
    } finally {
      repository.reset();
    }
  }));

// The same verdict ---------------------------------------------------------------------------

// What is wrong, the values, and the field that both the form and the program name; none for what is right.
const INPUTS = [
  ["the least", plain],
  ["no answer", { ...plain, tfa: [], documentation: "", "has-2fa": "" }, "has-2fa", "name"],
  ["no name", { ...plain, name: "" }, "name"],
  ["no domain", { ...plain, domain: "" }, "domain", "name"],
  ["no category", { ...plain, categories: [] }, "categories", "name"],
  ["neither methods nor a contact", { ...silent, "contact-twitter": "" }, "group-contact", "name"],
  ["methods, but none chosen", { ...plain, tfa: [], documentation: "", "has-2fa": "yes" }, "tfa", "name"],
  ["only a language", { ...silent, "contact-twitter": "", "contact-language": "de" }],
  ["a domain in capitals", { ...plain, domain: "BANK.example" }],
  ["a URL as a domain", { ...plain, domain: "https://bank.example/login?a=b" }],
  ["a URL without a scheme as a domain", { ...plain, domain: "bank.example/login" }],
  ["www", { ...plain, domain: "www.bank.example" }],
  ["a domain with a long label", { ...plain, domain: `${"a".repeat(64)}.example` }, "domain"],
  ["a domain with a hyphen at the end", { ...plain, domain: "bank-.example" }, "domain"],
  ["an underscore in a domain", { ...plain, domain: "my_bank.example" }, "domain"],
  ["a space in a domain", { ...plain, domain: "my bank.example" }, "domain"],
  ["a domain without a dot", { ...plain, domain: "bank" }, "domain"],
  ["an IP address", { ...plain, domain: "192.0.2.1" }, "domain"],
  ["a listed domain", { ...plain, domain: "good.example" }, "domain"],
  ["a domain that a site lists", { ...plain, domain: "further.example" }],
  ["an excluded domain", { ...plain, domain: "authy.com" }, "domain"],
  ["a subdomain of an excluded domain", { ...plain, domain: "app.authy.com" }, "domain"],
  ["a name that is taken", { ...plain, name: "good" }, "name"],
  ["a name from the template", { ...plain, name: "Site Name" }, "name"],
  ["a domain from the template", { ...plain, domain: "site.com" }, "domain"],
  ["a wrong second domain", { ...plain, "additional-domains": "b.example\nb_.example" }, "additional-domains"],
  ["a second domain twice", { ...plain, "additional-domains": "b.example\nb.example" }, "additional-domains"],
  ["a public suffix", { ...plain, "additional-domains": "co.uk" }, "additional-domains"],
  ["a listed second domain", { ...plain, "additional-domains": "old.example" }],
  ["a script as a URL", { ...plain, documentation: "javascript:alert(1)" }, "documentation"],
  ["a space in a URL", { ...plain, documentation: "https://bank.example/a b" }],
  ["a URL without a scheme", { ...plain, documentation: "bank.example/2fa" }],
  ["an unknown scheme", { ...plain, documentation: "htps://bank.example/2fa" }, "documentation"],
  ["a doubled scheme", { ...plain, documentation: "https://https//bank.example/2fa" }, "documentation"],
  ["a user name in a URL", { ...plain, documentation: "https://me@bank.example/2fa" }, "documentation"],
  ["an IP address in a URL", { ...plain, recovery: "https://192.0.2.1/2fa" }, "recovery"],
  ["a host without a dot", { ...plain, recovery: "https://localhost/2fa" }, "recovery"],
  ["a wildcard in a URL", { ...plain, documentation: "https://*.bank.example/2fa" }, "documentation"],
  ["a long URL", { ...plain, documentation: `https://bank.example/${"a".repeat(2048)}` }, "documentation"],
  ["a link from the template", { ...plain, documentation: "https://example.com/2fa" }, "documentation"],
  ["an http link", { ...plain, documentation: "http://bank.example/2fa" }],
  ["no documentation", { ...plain, documentation: "" }],
  ["a redundant URL", { ...plain, url: "https://bank.example/" }],
  ["a redundant icon name", { ...plain, img: "bank.example.svg" }],
  ["an icon name with a space", { ...plain, img: "my bank.png" }, "img"],
  ["a short note", { ...plain, notes: "Short." }, "notes"],
  ["a long note", { ...plain, notes: "a".repeat(1001) }, "notes"],
  ["an invisible character", { ...plain, notes: "Only for com\u00adpanies." }, "notes"],
  ["a character reference", { ...plain, notes: "Only for &quot;companies&quot;." }, "notes"],
  ["a numeric reference in a name", { ...plain, name: "Bank&#39;s" }, "name"],
  ["an ampersand", { ...plain, name: "Bank & Sons" }],
  ["a long name", { ...plain, name: "a".repeat(201) }, "name"],
  ["an app without a name", { ...plain, tfa: ["custom-software"] }, "custom-software", "tfa"],
  ["an app twice", { ...plain, tfa: ["custom-software"], "custom-software": "App\nApp" }, "custom-software"],
  ["the United Kingdom as `uk`", { ...plain, regions: "uk" }],
  ["an unknown country", { ...plain, regions: "us\nxx" }, "regions"],
  ["a continent", { ...plain, regions: "Europe" }, "regions"],
  ["mixed regions", { ...plain, regions: "us\n-ca" }, "regions"],
  ["a wrong e-mail address", { ...silent, "contact-email": "a@b@c.example" }, "contact-email"],
  ["a mailto URL", { ...silent, "contact-email": "mailto:a@bank.example" }],
  ["an address and a form", { ...silent, "contact-email": "a@bank.example", "contact-form": "https://bank.example/" }, "group-contact", "contact"],
  ["an account with its URL", { ...silent, "contact-twitter": "https://twitter.com/bank" }],
  ["a long handle", { ...silent, "contact-twitter": "a".repeat(16) }, "contact-twitter"],
  ["an unknown language", { ...silent, "contact-language": "xx" }, "contact-language"],
  ["a country as a language", { ...silent, "contact-language": "jp" }],
];

/** How the verdicts of the form and of the program differ; nothing if they agree. */
async function difference(page, values, field, programField) {
  const { isDone, path, text, problems, described } = await fill(page, values);
  if (field === undefined && isDone) {
    repository.write(path, text);
    // Only the icon is missing.
    const found = repository.errors().filter(({ rule }) => rule !== "icon-missing");
    return found.length === 0 ? undefined : { program: found };
  }
  const domain = values.domain.includes(".") && values.domain !== "good.example" ? values.domain : "bank.example";
  repository.write(`entries/${domain[0]}/${domain.replaceAll("/", "")}.json`, byHand(values));
  const found = repository.errors().filter(({ rule }) => rule !== "icon-missing");
  const isFormRight = Object.keys(problems).join() === field && described.split(" ").includes(`error-${field}`);
  const isProgramRight = found.some((error) => error.field === programField);
  return isFormRight && isProgramRight ? undefined : { problems, described, program: found };
}

test("the form and the program have the same verdict on the same input", () =>
  visit(PAGE, {}, async (page) => {
    assert.ok(INPUTS.length >= 60);
    const differences = {};
    for (const [what, values, field, programField = field] of INPUTS) {
      await page.reload({ waitUntil: "load" });
      await page.waitForSelector("#entry:not([hidden])");
      const found = await difference(page, values, field, programField);
      repository.reset();
      if (found !== undefined) differences[what] = found;
    }
    assert.equal(JSON.stringify(differences, null, 1), "{}");
  }));

// Icons --------------------------------------------------------------------------------------

for (const [what, name, content, error] of [
  ["lines", "a.svg", ICON.replace("/>", ">\n</svg>"), /several lines/],
  ["a script", "a.svg", ICON.replace("/>", "><script/></svg>"), /contains a script/],
  ["a handler", "a.svg", ICON.replace("viewBox", "onload=\"x()\" viewBox"), /contains a script/],
  ["a declaration", "a.svg", `<?xml version="1.0"?>${ICON}`, /Remove <\?xml/],
  ["a document type", "a.svg", `<!DOCTYPE svg>${ICON}`, /Remove <!DOCTYPE/],
  ["a bitmap inside", "a.svg", ICON.replace("/>", "><image href=\"data:image/png;base64,\"/></svg>"), /another image/],
  ["a reference to elsewhere", "a.svg", ICON.replace("/>", "><use href=\"https://x.example/a.svg#b\"/></svg>"), /outside itself/],
  ["no XML", "a.svg", "<svg", /not valid SVG/],
  ["a wrong size", "a.png", png(63), /63 × 63 pixels/],
  ["another format", "a.gif", "GIF89a", /SVG or PNG/],
  ["no PNG", "a.png", "GIF89a", /not a PNG/],
]) {
  test(`an icon with ${what}: the form and the program refuse it`, () =>
    // The browser's own message about invalid XML has styles.
    visit(PAGE, { expected: what === "no XML" ? /inline style|style-src-attr/ : undefined }, async (page) => {
      const { path, text } = await fill(page, plain);
      assert.match((await chooseIcon(page, name, content)).error, error);
      assert.equal(await page.$eval("#download", (it) => it.checkVisibility()), false);
      repository.write(path, text);
      repository.write(`img/b/bank.example.${name.split(".")[1]}`, content);
      try {
        assert.ok(repository.errors().some(({ field }) => field.startsWith("img/")) || name.endsWith("gif"));
      } finally {
        repository.reset();
      }
    }));
}

// Using the form -----------------------------------------------------------------------------

test("the form can be filled in with the keyboard alone", () =>
  visit(PAGE, {}, async (page) => {
    const focus = async (id) => {
      for (let presses = 0; presses < 200; presses += 1) {
        if (await page.evaluate((it) => document.activeElement.matches(it), id)) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`${id} cannot be reached`);
    };
    await focus("[name=has-2fa]");
    await page.keyboard.press("Space");
    for (const [id, text] of [["domain", "WWW.bank.example"], ["name", "Bank"], ["documentation", "bank.example/2fa"]]) {
      await focus(`#field-${id}, #field-tfa input`);
      if (id === "documentation") {
        await focus("#field-tfa input[value=totp]");
        await page.keyboard.press("Space");
      }
      await focus(`#field-${id}`);
      await page.keyboard.type(text);
    }
    await focus("#field-categories input[value=banking]");
    await page.keyboard.press("Space");
    await focus("#entry [type=submit]");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "result-title");
    assert.equal(await page.$eval("#field-domain", (it) => it.value), "bank.example");
    assert.equal(await page.$eval("#json", (it) => it.textContent), byHand(plain));
  }));

test("errors are under their fields, and go when they are corrected", () =>
  visit(PAGE, { viewport: PHONE, scheme: "dark" }, async (page) => {
    const { problems } = await fill(page, { name: "Bank", "has-2fa": "yes" });
    assert.deepEqual(Object.keys(problems), ["domain", "tfa", "categories"]);
    assert.equal(await page.evaluate(() => document.activeElement.id), "field-domain");
    const described = await page.$eval("#field-domain", (it) => it.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent));
    assert.equal(described.at(-1), "This field is missing.");
    assert.deepEqual(await inaccessible(page), []);
    await page.keyboard.type("bank.example");
    assert.equal(await page.$eval("#error-domain", (it) => it.hidden), true);
  }));

for (const scheme of ["light", "dark"]) {
  test(`axe finds nothing in the steps after the form, ${scheme}`, () =>
    visit(PAGE, { viewport: PHONE, scheme }, async (page) => {
      await fill(page, plain);
      assert.deepEqual(await inaccessible(page), []);
      await chooseIcon(page, "logo.svg", ICON);
      assert.deepEqual(await inaccessible(page), []);
    }));
}

test("the text for a listed domain links to its entry", () =>
  visit(PAGE, {}, async (page) => {
    await fill(page, { ...plain, domain: "www.further.example" });
    await Promise.all([page.waitForNavigation(), page.click("#error-domain a")]);
    await page.waitForFunction(() => document.querySelector("#field-domain")?.readOnly);
    assert.equal(await page.$eval("#field-name", (it) => it.value), "Good");
  }));

test("a domain in the URL of the page is filled in, and markup in it stays text", () =>
  visit(`${PAGE}?domain=${encodeURIComponent("<img src=x onerror=alert(1)>")}`, {}, async (page) => {
    assert.equal(await page.$eval("#field-domain", (it) => it.value), "<img src=x onerror=alert(1)>");
    const name = "<img src=x onerror=alert(1)>";
    const { text } = await fill(page, { ...plain, name });
    assert.deepEqual(Object.keys(JSON.parse(text)), [name]);
    assert.equal(await page.$$eval("main img, main b", (all) => all.length), 0);
  }));

test("without an icon, the file can be proposed on GitHub, with its path and text", () =>
  visit(PAGE, {}, async (page) => {
    const { path, text } = await fill(page, { ...plain, notes: "Only for companies & others: 100 %, “ü”?" });
    const url = new URL(await page.$eval("#open", (it) => it.href));
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

test("without its data, the form still writes the file, and says that it is not checked", () =>
  visit(PAGE, {}, async (page) => {
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      if (/(entry\.schema|site-index)\.json$/.test(request.url())) request.respond({ status: 200, contentType: "application/json", body: "<" });
      else request.continue();
    });
    await page.reload({ waitUntil: "networkidle0" });
    assert.match(await page.$eval("#unchecked", (it) => it.innerText), /could not be loaded/);
    const { text } = await fill(page, plain);
    assert.ok(text.includes("bank.example"));
  }));

test("without the script, the page explains the same steps", () =>
  visit(PAGE, { script: false }, async (page) => {
    const shown = await page.$$eval("form, #result", (all) => all.filter((it) => it.checkVisibility()).length);
    assert.equal(shown, 0);
    const text = await page.$eval("main", (it) => it.innerText);
    for (const step of ["write the files by hand", "entries/e/example.com.json", "img/e/example.com.svg", "Fork the repository", "Upload files"]) assert.ok(text.includes(step), step);
  }));
