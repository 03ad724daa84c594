// The features that the script adds to the pages: look-up, tabs, copying, freshness.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { SITE, pages, start } from "./browser.mjs";

const visit = await start();
const settled = /^(?!Loading…)./s;

/** Types into the look-up, and returns the result. */
async function lookUp(page, typed) {
  await page.$eval("#domain", (input) => (input.value = ""));
  await page.type("#domain", typed);
  await page.keyboard.press("Enter");
  await page.waitForFunction((pattern) => new RegExp(pattern, "s").test(document.querySelector("#answer").textContent), {}, settled.source);
  const text = await page.$eval("#answer", (answer) => answer.innerText);
  await page.$eval("#answer", (answer) => answer.replaceChildren());
  return text;
}

test("the look-up accepts anything typed or pasted", () =>
  visit("", {}, async (page) => {
    const totp = /good\.example supports two-factor authentication:\s*totp – .*RFC 6238/;
    for (const [typed, answer] of [
      ["good.example", totp],
      ["  GOOD.example. ", totp],
      ["https://user@good.example:8443/a/b?c=d#e", totp],
      ["http://good.example", totp],
      ["good.example/login", totp],
      ["someone@good.example", totp],
      ["login.good.example", /^login\.good\.example is covered by good\.example\.\s/],
      ["further.example", /^further\.example supports two-factor/],
      ["old.example", /^old\.example is listed without two-factor authentication\.$/],
      ["nobody.example", /^nobody\.example is not listed\. It may or may not/],
      ["authy.com", /^authy\.com is not listed on purpose: Authy provides/],
      ["app.authy.com", /^app\.authy\.com is not listed on purpose: Authy provides/],
      ["xgood.example", /^xgood\.example is not listed\./],
      ["example", /^Enter a domain/],
      ["__proto__", /^Enter a domain/],
      ["constructor.prototype", /^constructor\.prototype is not listed\./],
      ["good example", /^Enter a domain/],
      ["http://", /^Enter a domain/],
      ["<img src=x onerror=alert(1)>", /^Enter a domain/],
      ["javascript:alert(1)", /^Enter a domain/],
      ["münchen.example", /^xn--mnchen-3ya\.example supports two-factor/],
    ]) {
      assert.match(await lookUp(page, typed), answer, typed);
    }
  }));

test("a result contains only text and web links", () =>
  visit("", {}, async (page) => {
    await page.type("#domain", "good.example\n");
    await page.waitForSelector("#answer a");
    const names = await page.$$eval("#answer *", (all) => [...new Set(all.map((it) => it.localName))].sort());
    assert.deepEqual(names, ["a", "code", "li", "p", "strong", "ul"]);
    const links = await page.$$eval("#answer a", (all) => all.map((it) => [it.href, it.textContent]));
    assert.deepEqual(links, [["https://good.example/2fa", "https://good.example/2fa"], ["http://good.example/lost", "http://good.example/lost"]]);
  }));

test("a failed download is reported and retried", () =>
  visit("", {}, async (page) => {
    let broken = true;
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      const answer = { status: 200, contentType: "application/json", body: "<!doctype html>" };
      if (broken && request.url().endsWith("v4/all.json")) request.respond(answer);
      else request.continue();
    });
    assert.match(await lookUp(page, "good.example"), /^The data could not be loaded\. Try again, or open v4\/all\.json\.$/);
    broken = false;
    assert.match(await lookUp(page, "good.example"), /supports two-factor/);
  }));

/** Every group of tabs: which tab is selected, and which panels are shown. */
const tabs = (page) =>
  page.$$eval(".tabs", (groups) =>
    groups.map((group) => ({
      selected: [...group.querySelectorAll('[role="tab"][aria-selected="true"]')].map((it) => it.textContent),
      reachable: [...group.querySelectorAll('[role="tab"]')].filter((it) => it.tabIndex === 0).map((it) => it.textContent),
      shown: [...group.querySelectorAll('[role="tabpanel"]')].filter((it) => it.checkVisibility()).map((it) => it.dataset.language),
    })),
  );
const both = (label, language) => Array(2).fill({ selected: [label], reachable: [label], shown: [language] });

test("tabs can be selected with the mouse, in all groups at once", () =>
  visit("v4/", {}, async (page) => {
    assert.deepEqual(await tabs(page), both("Shell", "shell"));
    await page.click("#verify-go-tab");
    assert.deepEqual(await tabs(page), both("Go", "go"));
  }));

test("tabs can be selected with the keyboard", () =>
  visit("v4/", {}, async (page) => {
    await page.focus("#verify-shell-tab");
    const focused = () => page.evaluate(() => document.activeElement.id);
    for (const [key, language, label] of [
      ["ArrowRight", "python", "Python"],
      ["ArrowLeft", "shell", "Shell"],
      ["ArrowLeft", "php", "PHP"],
      ["ArrowRight", "shell", "Shell"],
      ["End", "php", "PHP"],
      ["Home", "shell", "Shell"],
    ]) {
      await page.keyboard.press(key);
      assert.deepEqual(await tabs(page), both(label, language), key);
      assert.equal(await focused(), `verify-${language}-tab`, key);
    }
    // Enter and the space bar press a focused button.
    for (const [key, language, label] of [["Enter", "ruby", "Ruby"], ["Space", "rust", "Rust"]]) {
      await page.focus(`#verify-${language}-tab`);
      await page.keyboard.press(key);
      assert.deepEqual(await tabs(page), both(label, language), key);
    }
    // From the tab, the next stop is the sample.
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.closest("section")?.id), "verify-rust");
  }));

test("a URL with a sample's anchor selects it", () =>
  visit("v4/#verify-csharp", {}, async (page) => {
    assert.equal((await tabs(page))[1].selected[0], "C#");
  }));

test("without the script, all samples are shown, and nothing that needs it", () =>
  visit("v4/", { script: false }, async (page) => {
    const shown = await page.$$eval(".tabs section", (all) => all.filter((it) => it.checkVisibility() && it.querySelector("h3")).length);
    assert.equal(shown, 9 + 8);
    assert.equal(await page.$$eval("button, [role=tab]", (all) => all.filter((it) => it.checkVisibility()).length), 0);
  }));

for (const path of pages()) {
  test(`every block of /${path} is copied as it is`, () =>
    visit(path, {}, async (page) => {
      const buttons = await page.$$(".copy");
      assert.equal(buttons.length, await page.$$eval("pre", (all) => all.length));
      for (const button of buttons) {
        const expected = await button.evaluate((it) => it.parentElement.querySelector("pre").textContent);
        await page.bringToFront();
        await button.evaluate((it) => {
          // An unselected panel is shown only for this test.
          const panel = it.closest("section[hidden]");
          if (panel !== null) panel.hidden = false;
          it.click();
        });
        await page.waitForFunction((it) => it.textContent === "Copied", {}, button);
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), expected);
      }
    }));
}

test("the index shows the age of the data", () =>
  visit("", {}, async (page) => {
    const { time } = JSON.parse(readFileSync(join(SITE, "manifest.json"), "utf8"));
    await page.waitForSelector("#built:not([hidden])");
    const line = await page.$eval("#built", (it) => [it.innerText, it.querySelector("time").dateTime]);
    assert.match(line[0], /^This data is from \d+ \w+ \d{4} at .* UTC, .*\.$/);
    assert.equal(new Date(line[1]).getTime(), new Date(time).getTime());
  }));
