// A directory in which every string tries to inject markup.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { SITE, pages, start } from "./browser.mjs";

const visit = await start();
const json = (path) => JSON.parse(readFileSync(join(SITE, path), "utf8"));
const entry = json("v4/all.json")["evil.example"];
const [name] = json("v3/all.json")[0];

/** Elements that no template contains, and event handlers. */
const injected = (page) =>
  page.evaluate(() => {
    const foreign = [...document.querySelectorAll("img, iframe, object, embed, b, marquee, style, base, link[rel=x]")];
    const scripts = [...document.scripts].filter((it) => !/^application\/(ld\+)?json$/.test(it.type) && !/\/(site|contribute)\.js$/.test(it.src));
    const handlers = [...document.querySelectorAll("*")].filter((it) => [...it.attributes].some(({ name, value }) => name.startsWith("on") || /^\s*javascript:/i.test(value)));
    return [...foreign, ...scripts, ...handlers].map((it) => it.outerHTML);
  });

for (const path of pages()) {
  test(`nothing is injected into /${path}`, () =>
    visit(path, {}, async (page) => {
      assert.deepEqual(await injected(page), []);
      assert.equal(await page.evaluate(() => window.hacked), undefined);
    }));
}

test("the example shows the strings unchanged", () =>
  visit("v3/", {}, async (page) => {
    const example = await page.$eval("#example-rich ~ .frame pre", (it) => it.textContent);
    assert.equal(JSON.parse(example)[0][0], name);
    assert.match(name, /<script>.*\{\{7\*7\}\}/);
  }));

test("the look-up shows the strings unchanged", () =>
  visit("", {}, async (page) => {
    await page.type("#domain", "evil.example\n");
    await page.waitForSelector(".answer ul");
    const answer = await page.$eval(".answer", (it) => it.textContent);
    for (const text of [entry.notes, ...entry["custom-software"], entry.documentation]) {
      assert.ok(answer.includes(text), `${text} is not in ${answer}`);
    }
    assert.deepEqual(await injected(page), []);
    const links = await page.$$eval(".answer a", (all) => all.map((it) => it.origin));
    assert.deepEqual(links, ["https://evil.example", "https://github.com", new URL(page.url()).origin]);
  }));

test("only http and https URLs become links", () =>
  visit("", {}, async (page) => {
    const links = ["javascript:hacked=1", "data:text/html,x", " javascript:hacked=1", "//evil.example/", "vbscript:x", "ht tp://x"];
    await page.setRequestInterception(true);
    let address;
    page.on("request", (request) => {
      const body = JSON.stringify({ "evil.example": { methods: ["<i>sms</i>"], documentation: address, recovery: address, notes: "<i>" } });
      if (request.url().endsWith("v4/all.json")) request.respond({ status: 200, contentType: "application/json", body });
      else request.continue();
    });
    for (address of links) {
      // Without the answer in the address.
      await page.goto(page.url().split("?")[0], { waitUntil: "networkidle0" });
      await page.type("#domain", "evil.example\n");
      await page.waitForSelector(".answer ul");
      // The entry in the repository, and its form.
      const foreign = (all) => all.filter((it) => !["https://github.com", location.origin].includes(it.origin)).length;
      assert.equal(await page.$$eval(".answer a, .answer i", foreign), 0, address);
      assert.ok((await page.$eval(".answer", (it) => it.textContent)).includes(address), address);
    }
  }));
