// Every page, in both colour schemes, on small and large screens.
import assert from "node:assert/strict";
import test from "node:test";

import { inaccessible } from "./axe.mjs";
import { DESKTOP, PHONE, pages, start } from "./browser.mjs";

const visit = await start();

const SCHEMES = ["light", "dark"];
const prefer = (page, value) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);

/** Elements that extend beyond the window, although the page does not scroll sideways. */
const overflow = (page) =>
  page.evaluate(() => ({ content: document.scrollingElement.scrollWidth, window: window.innerWidth }));

for (const path of pages()) {
  for (const [screen, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    test(`axe finds nothing on /${path} on a ${screen}, light and dark`, () =>
      visit(path, { viewport }, async (page) => {
        for (const scheme of SCHEMES) {
          await prefer(page, scheme);
          assert.deepEqual(await inaccessible(page), [], scheme);
        }
      }));
  }

  test(`/${path} and its tables always fit the window`, () =>
    visit(path, {}, async (page) => {
      // The last is a window of 1280 pixels at 200 %.
      for (const [width, height] of [[320, 640], [360, 740], [640, 450]]) {
        await page.setViewport({ width, height });
        const { content, window } = await overflow(page);
        assert.ok(content <= window, `${content} of ${window} pixels`);
      }
      for (const width of [390, 641, 768, 900]) {
        await page.setViewport({ width, height: 844 });
        const wide = await page.$$eval(".scroll", (all) => all.filter((it) => it.scrollWidth > it.clientWidth).map((it) => it.ariaLabel));
        assert.deepEqual(wide, [], `${width} pixels`);
      }
      // Only the text enlarged.
      await page.setViewport({ width: 640, height: 450 });
      await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
      const { content, window } = await overflow(page);
      assert.ok(content <= window, `${content} of ${window} pixels, text at 200 %`);
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
    await visit(path, {}, async (page) => {
      for (const scheme of SCHEMES) {
        await prefer(page, scheme);
        const [text, ground] = (await colours(page)).map(brightness);
        assert.equal(text > ground, scheme === "dark", scheme);
      }
    });
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
