// Takes the README's screenshot, an answer of the look-up: screenshot.mjs FOLDER. See docs/img/make.sh.
import { join } from "node:path";

import { DESKTOP, launch } from "./browser.mjs";

const { browser, address, close } = await launch();
const page = await browser.newPage();
await page.setViewport(DESKTOP);
await page.goto(address, { waitUntil: "networkidle0" });
await page.type("#domain", "https://github.com/login\n");
await page.waitForSelector(".answer ul");
await page.evaluate(() => {
  document.activeElement.blur();
  scrollTo({ top: 0, behavior: "instant" });
});
await page.screenshot({ path: join(process.argv[2], "index.png"), optimizeForSpeed: false });
await close();
