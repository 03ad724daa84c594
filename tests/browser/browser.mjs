// A browser on a build, and an eye on whatever a page does beside being shown.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { after } from "node:test";

import { serve } from "./serve.mjs";

/** Loads a package of `package.json`, wherever `npm ci` has put it. */
export const load = createRequire(`${process.env.BROWSER_NODE_MODULES}/`);

/** The build, and the path of its address. */
export const SITE = process.env.SITE;
const BASE = process.env.SITE_PATH ?? "/";

/** The address of `tfadir serve` in place of a build, whose one page then says why there is none. */
const FAILED = process.env.SITE_FAILED;

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1280, height: 900 };

// Neither QUIC nor any service of the browser may reach out: a test must see each request.
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/**
 * Every page of the build by its path below the address, or those that SITE_PAGES names; the page 404 at
 * a path that leads nowhere.
 */
export function pages() {
  if (process.env.SITE_PAGES !== undefined) return process.env.SITE_PAGES.split(" ");
  const all = readdirSync(SITE, { recursive: true }).filter((path) => path.endsWith(".html"));
  return all.map((path) => (path === "404.html" ? "no/such/file" : path.replace(/index\.html$/, ""))).sort();
}

/** A server of the build, and a browser beside it. */
export async function launch() {
  const server = FAILED === undefined ? await serve(SITE, BASE) : { address: FAILED, close() {} };
  const executablePath = process.env.BROWSER_PROGRAM ?? "/usr/bin/chromium";
  const browser = await load("puppeteer-core").launch({ executablePath, args: FLAGS });
  const close = async () => {
    await browser.close();
    server.close();
  };
  return { browser, address: server.address, close };
}

/** Starts the server and the browser for the tests of a file, and ends both after them. */
export async function start() {
  const { browser, address: start, close } = await launch();
  after(close);

  /**
   * Shows a page in a context of its own, and lets a function look at it.
   *
   * Fails afterwards where the page wrote to the console, broke its policy, opened a dialog, asked
   * another origin, or asked in vain.
   */
  return async function visit(path, options, look) {
    const { viewport = DESKTOP, scheme = "light", script = true } = options;
    const context = await browser.createBrowserContext();
    const { origin } = new URL(start);
    await context.overridePermissions(origin, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
    const page = await context.newPage();
    const seen = [];
    page.on("console", (message) => seen.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => seen.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => {
      seen.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("requestfailed", (request) => seen.push(`failed: ${request.url()}`));
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== origin) seen.push(`elsewhere: ${request.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) seen.push(`${response.status()}: ${response.url()}`);
    });
    await page.exposeFunction("reportViolation", (what) => seen.push(`policy: ${what}`));
    await page.evaluateOnNewDocument(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.reportViolation(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await page.setViewport(viewport);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.setJavaScriptEnabled(script);
    const address = start + path;
    const response = await page.goto(address);
    // The page of a failure waits for news of the next build for as long as it is shown.
    await page.waitForNetworkIdle({ idleTime: 100, concurrency: FAILED === undefined ? 0 : 1 });
    assert.match(response.headers()["content-security-policy"], /default-src 'self'/);
    await look(page);
    await context.close();

    // The browser itself says in the console that a page answered with 404, or with 500.
    const status = FAILED !== undefined ? 500 : path === "no/such/file" ? 404 : null;
    const isExpected = (what) => status !== null && (what === `${status}: ${address}` || new RegExp(`^console: .*status of ${status}`).test(what));
    assert.deepEqual(seen.filter((what) => !isExpected(what)), [], path);
  };
}
