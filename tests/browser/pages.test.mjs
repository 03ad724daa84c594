// Every page, in both colour schemes, on small and large screens.
import assert from "node:assert/strict";
import test from "node:test";

import { inaccessible } from "./axe.mjs";
import { DESKTOP, PHONE, pages, start } from "./browser.mjs";

const visit = await start();

/** Elements that extend beyond the window, although the page does not scroll sideways. */
const overflow = (page) =>
  page.evaluate(() => ({ content: document.scrollingElement.scrollWidth, window: window.innerWidth }));

for (const path of pages()) {
  for (const [screen, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    for (const scheme of ["light", "dark"]) {
      test(`axe finds nothing on /${path} on a ${screen}, ${scheme}`, () =>
        visit(path, { viewport, scheme }, async (page) => {
          assert.deepEqual(await inaccessible(page), []);
        }));
    }
  }

  test(`/${path} is never wider than its window`, async () => {
    // The last is a window of 1280 pixels at 200 %.
    for (const [width, height] of [[320, 640], [360, 740], [640, 450]]) {
      await visit(path, { viewport: { width, height } }, async (page) => {
        const { content, window } = await overflow(page);
        assert.ok(content <= window, `${content} of ${window} pixels`);
        // The same with only the text enlarged.
        await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
        const enlarged = await overflow(page);
        assert.ok(width < 640 || enlarged.content <= enlarged.window, `${enlarged.content} of ${width} pixels, text at 200 %`);
      });
    }
  });

  test(`no table of /${path} is wider than a phone or a tablet`, () =>
    visit(path, {}, async (page) => {
      for (const width of [390, 641, 768, 900]) {
        await page.setViewport({ width, height: 844 });
        const wide = await page.$$eval(".scroll", (all) => all.filter((it) => it.scrollWidth > it.clientWidth).map((it) => it.ariaLabel));
        assert.deepEqual(wide, [], `${width} pixels`);
      }
    }));

  test(`/${path} does not move when a slow script runs`, () =>
    visit(path, { viewport: PHONE }, async (page) => {
      const slow = await page.browserContext().newPage();
      await slow.setViewport(PHONE);
      await slow.setRequestInterception(true);
      slow.on("request", async (request) => {
        if (request.resourceType() === "script") await new Promise((done) => setTimeout(done, 500));
        request.continue();
      });
      await slow.goto(page.url());
      await slow.waitForNetworkIdle({ idleTime: 100 });
      const moved = await slow.evaluate(async () => {
        const sum = (list) => list.getEntries().reduce((all, entry) => all + entry.value, 0);
        return await new Promise((done) => {
          new PerformanceObserver((list) => done(sum(list))).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => done(0), 500);
        });
      });
      assert.ok(moved < 0.05, `${moved} of the window`);
    }));

  test(`/${path} is dark where dark is preferred`, async () => {
    const colours = (page) =>
      page.evaluate(() => ["color", "background-color"].map((name) => getComputedStyle(document.body).getPropertyValue(name)));
    const brightness = (colour) => colour.match(/\d+/g).slice(0, 3).reduce((sum, value) => sum + Number(value), 0);
    for (const scheme of ["light", "dark"]) {
      await visit(path, { scheme }, async (page) => {
        const [text, ground] = (await colours(page)).map(brightness);
        assert.equal(text > ground, scheme === "dark");
      });
    }
  });

  test(`/${path} is printed in black on white, whole, and without what paper cannot do`, () =>
    visit(path, { scheme: "dark" }, async (page) => {
      await page.emulateMediaType("print");
      const { shown, hidden, pale } = await page.evaluate(() => {
        const isShown = (element) => element.checkVisibility();
        const brightness = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, value) => sum + Number(value), 0);
        const texts = [...document.querySelectorAll("main *")].filter(
          (element) => isShown(element) && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ""),
        );
        return {
          shown: [...document.querySelectorAll("nav, button, form, .skip")].filter(isShown).map((it) => it.outerHTML),
          // The form has no result yet.
          hidden: [...document.querySelectorAll("main section, main pre")].filter((it) => !isShown(it) && !it.closest("#result")).map((it) => it.id),
          pale: texts.filter((it) => brightness(getComputedStyle(it).color) > 400).map((it) => it.outerHTML.slice(0, 80)),
        };
      });
      assert.deepEqual({ shown, hidden, pale }, { shown: [], hidden: [], pale: [] });
    }));
}
