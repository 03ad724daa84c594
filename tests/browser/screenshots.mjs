// Takes the README's screenshots: screenshots.mjs FOLDER. See docs/img/make.sh.
import { join } from "node:path";

import { DESKTOP, PHONE, launch } from "./browser.mjs";

const { browser, address, close } = await launch();
for (const [name, path, scheme, viewport] of [
  ["index", "", "light", DESKTOP],
  ["index-phone-dark", "", "dark", { ...PHONE, deviceScaleFactor: 2 }],
  ["version-4", "v4/", "light", DESKTOP],
  ["verify", "verify/", "light", DESKTOP],
]) {
  const page = await browser.newPage();
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(address + path, { waitUntil: "networkidle0" });
  if (path === "") {
    await page.type("#domain", "https://github.com/login\n");
    await page.waitForSelector(".answer ul");
    await page.evaluate((isPhone) => {
      document.activeElement.blur();
      const top = isPhone ? document.querySelector("#domain").form.getBoundingClientRect().top + scrollY - 16 : 0;
      scrollTo({ top, behavior: "instant" });
    }, viewport.width === PHONE.width);
  }
  await page.screenshot({ path: join(process.argv[2], `${name}.png`), optimizeForSpeed: false });
}
await close();
