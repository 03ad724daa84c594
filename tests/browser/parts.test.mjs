// The features that the script adds to the pages: look-up, tabs, copying, freshness.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { inaccessible } from "./axe.mjs";
import { PHONE, SITE, pages, start } from "./browser.mjs";

const visit = await start();
const settled = /^(?!Loading…)./s;

/** Types into the look-up, and returns the result. */
async function lookUp(page, typed) {
  await page.$eval("#domain", (input) => (input.value = ""));
  await page.type("#domain", typed);
  await page.keyboard.press("Enter");
  await page.waitForFunction((pattern) => new RegExp(pattern, "s").test(document.querySelector(".answer").textContent), {}, settled.source);
  const text = await page.$eval(".answer", (answer) => answer.innerText);
  await page.$eval(".answer", (answer) => answer.replaceChildren());
  return text;
}

test("the look-up accepts anything typed or pasted", () =>
  visit("", {}, async (page) => {
    const totp = /Good \(good\.example\) supports two-factor authentication:\s*totp – .*RFC 6238/;
    for (const [typed, answer] of [
      ["good.example", totp],
      ["  GOOD.example. ", totp],
      ["https://user@good.example:8443/a/b?c=d#e", totp],
      ["http://good.example", totp],
      ["good.example/login", totp],
      ["someone@good.example", totp],
      ["login.good.example", /^login\.good\.example is covered by good\.example\.\s/],
      ["further.example", /^Good \(further\.example\) supports two-factor/],
      ["old.example", /^Old \(old\.example\) is listed without two-factor authentication\./],
      ["nobody.example", /^nobody\.example is not listed\. It may or may not [^.]*\.\s+Add nobody\.example/],
      ["authy.com", /^authy\.com is not listed on purpose: Authy provides/],
      ["app.authy.com", /^app\.authy\.com is not listed on purpose: Authy provides/],
      ["xgood.example", /^xgood\.example is not listed\./],
      ["Any.do", /^Any\.do \(tasks\.test\) supports/],
      ["good", totp],
      ["gopd", totp],
      ["example good", totp],
      ["good example", totp],
      ["accounts.bank.test", /^2 sites are listed under the domain of “accounts\.bank\.test”:\s+North Bank north\.bank\.test totp\s+South Bank/],
      ["god.example", /^god\.example is not listed\. [^.]*\.\s+Add god\.example\s+Did you mean:\s+Good good\.example/],
      [" oOd", totp],
      ["munchen", /^München \(xn--mnchen-3ya\.example\)/],
      ["authy", /^authy\.com is not listed on purpose: Authy provides/],
      ["bank.test", /^2 sites are listed under the domain of “bank\.test”:\s+North Bank north\.bank\.test totp\s+South Bank/],
      ["BANK", /^2 sites match “BANK”:\s+North Bank north\.bank\.test totp\s+South Bank south/],
      ["North Bank", /^North Bank \(north\.bank\.test\) supports/],
      ["good.example evil", /^No site matches “good\.example evil”/],
      ["123", /^No site matches “123”/],
      [" ", /^No site matches/],
      ["nothing", /^No site matches “nothing”/],
      ["__proto__", /^No site matches “__proto__”/],
      ["constructor.prototype", /^constructor\.prototype is not listed\./],
      ["http://", /^No site matches/],
      ["<img src=x onerror=alert(1)>", /^No site matches/],
      ["javascript:alert(1)", /^No site matches/],
      ["münchen.example", /^München \(münchen\.example\) supports two-factor/],
      ["login.münchen.example", /^login\.münchen\.example is covered by xn--mnchen-3ya\.example\./],
    ]) {
      assert.match(await lookUp(page, typed), answer, typed);
    }
  }));

test("a result contains only text and web links", () =>
  visit("", {}, async (page) => {
    await page.type("#domain", "good.example\n");
    await page.waitForSelector(".answer [href*=contribute]");
    const names = await page.$$eval(".answer *", (all) => [...new Set(all.map((it) => it.localName))].sort());
    assert.deepEqual(names, ["a", "bdi", "code", "img", "li", "p", "span", "strong", "ul"]);
    const links = await page.$$eval(".answer a", (all) => all.map((it) => [it.href, it.textContent]));
    assert.deepEqual(links, [
      ["https://good.example/2fa", "https://good.example/2fa"],
      ["http://good.example/lost", "http://good.example/lost"],
      ["https://github.com/2factorauth/twofactorauth/blob/HEAD/entries/g/good.example.json", "View the entry"],
      [new URL("contribute/?domain=good.example", page.url()).href, "Correct the entry"],
    ]);
    assert.ok(await page.$eval(".answer img", (it) => it.complete && it.naturalWidth > 0 && new URL(it.src).pathname === "/icons/g/good.example.svg"));
  }));

test("an answer is in the address of the page, survives a reload, and can be left with the back button", () =>
  visit("?site=good.example", {}, async (page) => {
    const answer = (text) => page.waitForFunction((it) => document.querySelector(".answer").textContent.includes(it), {}, text);
    await answer("Good (good.example) supports");
    await page.$eval("#domain", (it) => (it.value = ""));
    await page.type("#domain", "old.example\n");
    await answer("Old (old.example) is listed");
    assert.equal(new URL(page.url()).search, "?site=old.example");
    await page.reload();
    await answer("Old (old.example) is listed");
    await page.goBack();
    await answer("Good (good.example) supports");
    assert.equal(await page.$eval("#domain", (it) => it.value), "good.example");
  }));

/** The paths that a page requests from now on. The browser may ask for the page's icon at any time. */
const requestsOf = (page) => {
  const requested = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname !== "/icon.svg") requested.push(pathname);
  });
  return requested;
};

test("nothing but the page is loaded before the first letter", () =>
  visit("", {}, async (page) => {
    const requested = requestsOf(page);
    await page.focus("#domain");
    await page.keyboard.press("Shift");
    assert.deepEqual(requested, []);
    await page.keyboard.type("g");
    await page.waitForSelector("[role=option]");
    assert.deepEqual(requested, ["/site-index.json"]);
  }));

test("the selected option and tab are visible in forced colours", () =>
  visit("", {}, async (page) => {
    await page.type("#domain", "goo");
    await page.waitForSelector("[role=option]");
    await page.keyboard.press("ArrowDown");
    const session = await page.createCDPSession();
    await session.send("Emulation.setEmulatedMedia", { features: [{ name: "forced-colors", value: "active" }] });
    for (const role of ["option", "tab"]) {
      const [selected, other] = await page.evaluate((it) => {
        const all = [...document.querySelectorAll(`[role=${it}]`)];
        const ground = (wanted) => getComputedStyle(all.find(({ ariaSelected }) => ariaSelected === wanted) ?? document.body).backgroundColor;
        return [ground("true"), ground("false")];
      }, role);
      assert.notEqual(selected, other, role);
    }
  }));

test("a chosen language is remembered on other pages", () =>
  visit("v4/", {}, async (page) => {
    await page.click("#verify-go-tab");
    await page.goto(new URL("../", page.url()).href);
    assert.equal((await tabs(page))[0].selected[0], "Go");
  }));

test("a site without an icon requests none", () =>
  visit("", {}, async (page) => {
    await page.type("#domain", "north.bank.test\n");
    await page.waitForSelector(".answer .site");
    assert.equal(await page.$(".answer img"), null);
  }));

test("one of several matches can be chosen with the keyboard and a screen reader", () =>
  visit("", { viewport: PHONE }, async (page) => {
    await page.type("#domain", "bank\n");
    await page.waitForSelector(".answer button");
    assert.equal(await page.$eval(".answer", (it) => it.role), "status");
    assert.deepEqual(await inaccessible(page), []);
    // The keyboard has closed, so the next stop is the answer.
    for (const name of ["North Bank north.bank.test totp", "South Bank south.bank.test totp"]) {
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.innerText), name);
    }
    await page.keyboard.press("Enter");
    await page.waitForSelector(".answer .site");
    assert.match(await page.$eval(".answer", (it) => it.innerText), /^South Bank \(south\.bank\.test\) supports/);
    // The keyboard of a phone closes, and the answer is in view.
    assert.deepEqual(await combobox(page), { ...closed("south.bank.test"), focused: false });
    await page.waitForFunction(() => document.querySelector(".answer .site").getBoundingClientRect().bottom < innerHeight);
  }));

test("a failed download is reported and retried", () =>
  visit("", {}, async (page) => {
    let broken = true;
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      const answer = { status: 200, contentType: "application/json", body: "<!doctype html>" };
      if (broken && /(v4\/all|site-index)\.json$/.test(request.url())) request.respond(answer);
      else request.continue();
    });
    assert.match(await lookUp(page, "good.example"), /^The data could not be loaded\. Try again, or open v4\/all\.json\.$/);
    broken = false;
    assert.match(await lookUp(page, "good.example"), /supports two-factor/);
  }));

/** What a screen reader announces: the state of the combobox, its suggestions, and which one is active. */
const combobox = (page) =>
  page.$eval("#domain", (input) => {
    const list = document.getElementById(input.getAttribute("aria-controls"));
    const active = document.getElementById(input.getAttribute("aria-activedescendant"));
    return {
      value: input.value,
      isOpen: input.ariaExpanded === "true" && list.checkVisibility(),
      options: [...list.children].map((it) => it.querySelector("strong").textContent),
      active: active?.querySelector("strong").textContent ?? null,
      selected: [...list.querySelectorAll("[aria-selected=true]")].map((it) => it.id).join() === (active?.id ?? ""),
      focused: document.activeElement === input,
    };
  });
const closed = (value) => ({ value, isOpen: false, options: [], active: null, selected: true, focused: true });

test("suggestions can be used with the keyboard alone", () =>
  visit("", {}, async (page) => {
    const requested = requestsOf(page);
    while (!(await page.evaluate(() => document.activeElement.id === "domain"))) await page.keyboard.press("Tab");
    await page.keyboard.type("example");
    await page.waitForSelector("[role=option]");
    assert.deepEqual(requested, ["/site-index.json"]);
    const options = ["Good", "Old", "München"];
    const open = { value: "example", isOpen: true, options, active: null, selected: true, focused: true };
    assert.deepEqual(await combobox(page), open);
    assert.equal(await page.$eval("form [role=status]", (it) => it.textContent), "3 suggestions");
    for (const [key, active] of [["ArrowDown", 0], ["ArrowDown", 1], ["ArrowUp", 0], ["ArrowUp", 2], ["ArrowDown", 0], ["ArrowDown", 1]]) {
      await page.keyboard.press(key);
      assert.deepEqual(await combobox(page), { ...open, active: options[active] }, key);
    }
    await page.keyboard.press("Escape");
    assert.deepEqual(await combobox(page), closed("example"));
    await page.keyboard.press("ArrowUp");
    await page.waitForSelector("[role=option]");
    assert.deepEqual(await combobox(page), { ...open, active: "München" });
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    assert.deepEqual(await combobox(page), closed("old.example"));
    await page.waitForSelector(".answer .site");
    assert.match(await page.$eval(".answer", (it) => it.innerText), /^Old \(old\.example\) is listed without/);
    assert.equal(requested[0], "/site-index.json");
    await page.waitForFunction(() => document.querySelector(".answer [href*=contribute]"));
    assert.ok(requested.includes("/v4/all.json"));
    await page.keyboard.press("Escape");
    assert.deepEqual(await combobox(page), closed(""));
  }));

for (const scheme of ["light", "dark"]) {
  test(`axe finds nothing while suggestions and an answer are shown, ${scheme}`, () =>
    visit("", { viewport: PHONE, scheme }, async (page) => {
      await page.type("#domain", "good");
      await page.waitForSelector("[role=option]");
      await page.keyboard.press("ArrowDown");
      assert.equal((await combobox(page)).active, "Good");
      assert.deepEqual(await inaccessible(page), []);
      await page.keyboard.press("Enter");
      await page.waitForSelector(".answer .site");
      assert.deepEqual(await inaccessible(page), []);
    }));
}

test("a suggestion can be chosen with the mouse, and leaving the field closes the list", () =>
  visit("", {}, async (page) => {
    await page.type("#domain", "goo");
    await page.waitForSelector("[role=option]");
    await page.click("[role=option]");
    await page.waitForSelector(".answer .site");
    assert.deepEqual(await combobox(page), closed("good.example"));
    await page.type("#domain", "x");
    await page.keyboard.press("Backspace");
    await page.waitForSelector("[role=option]");
    await page.keyboard.press("Tab");
    assert.equal((await combobox(page)).isOpen, false);
  }));

test("the filter shows the rules with all words, and the sections that have one", () =>
  visit("rules/", {}, async (page) => {
    const shown = () =>
      page.evaluate(() => ({
        rules: [...document.querySelectorAll(".rule")].filter((it) => it.checkVisibility()).map((it) => it.id),
        sections: [...document.querySelectorAll("main section")].filter((it) => it.checkVisibility()).length,
        status: document.querySelector("#filter [role=status]").textContent,
      }));
    const all = await shown();
    assert.equal(all.status, `${all.rules.length} of ${all.rules.length} shown`);
    assert.ok(all.rules.length > 40 && all.sections === 5, all.status);
    while (!(await page.evaluate(() => document.activeElement.id === "words"))) await page.keyboard.press("Tab");
    await page.keyboard.type("Comment SVG");
    const some = await shown();
    assert.ok(some.rules.includes("svg-comment") && some.rules.length < 10 && some.sections < 5, some.rules);
    assert.equal(some.status, `${some.rules.length} of ${all.rules.length} shown`);
    await page.keyboard.type(" no-rule-has-this");
    assert.deepEqual(await shown(), { rules: [], sections: 0, status: `0 of ${all.rules.length} shown` });
    await page.$eval("#words", (it) => it.select());
    await page.keyboard.press("Backspace");
    assert.deepEqual(await shown(), all);
  }));

test("a link to a rule opens it", () =>
  visit("rules/#subdomain", {}, async (page) => {
    const open = () => page.$$eval("details[open]", (all) => all.map((it) => it.closest("tr").id));
    assert.deepEqual(await open(), ["subdomain"]);
    await page.focus('a[href="#svg-comment"]');
    await page.keyboard.press("Enter");
    await page.waitForSelector("#svg-comment details[open]");
    assert.deepEqual((await open()).sort(), ["subdomain", "svg-comment"]);
  }));

test("axe finds nothing in the details of a rule", () =>
  visit("rules/#json-syntax", { viewport: PHONE, scheme: "dark" }, async (page) => {
    assert.deepEqual(await inaccessible(page), []);
  }));

test("without the script, all rules are listed", () =>
  visit("rules/", { script: false }, async (page) => {
    assert.ok((await page.$$(".rule")).length > 40);
    assert.equal(await page.$eval("#filter", (it) => it.checkVisibility()), false);
  }));

test("on a phone, files and fields need no scrolling, and the description of a file comes before its sizes", () =>
  visit("v4/", { viewport: PHONE }, async (page) => {
    const files = await page.$$eval(".endpoint", (all) => all.map((it) => [...it.querySelectorAll(":scope > :is(h3, p)")].map((part) => part.textContent)));
    assert.equal(files.length, 8);
    assert.deepEqual(files[0].slice(0, 2), ["GET /v4/all.json", "Every domain, with and without two-factor authentication. For programs that look up any site."]);
    assert.match(files[0][2], /^\d+ domains, .* B, at most .* B compressed$/);
    const wide = await page.$$eval(".endpoint, .fields", (all) => all.filter((it) => it.scrollWidth > it.clientWidth).length);
    assert.equal(wide, 0);
  }));

test("on a phone, long notes wrap in examples", () =>
  visit("v4/", { viewport: PHONE }, async (page) => {
    const shown = await page.$$eval("details", (all) => all.forEach((it) => (it.open = true))).then(() => page.$$("pre.long"));
    assert.ok(shown.length > 2);
    for (const block of shown) assert.ok(await block.evaluate((it) => it.scrollWidth <= it.clientWidth), await block.evaluate((it) => it.textContent));
  }));

test("code that is wider than its block has a shadow at that edge", () =>
  visit("verify/", { viewport: PHONE }, async (page) => {
    const edges = await page.$$eval("pre", (all) => all.map((it) => [it.scrollWidth > it.clientWidth, getComputedStyle(it).boxShadow !== "none"]));
    assert.ok(edges.some(([isWide]) => isWide), "no block is wide");
    assert.deepEqual(edges.filter(([isWide, hasShadow]) => isWide !== hasShadow), []);
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
