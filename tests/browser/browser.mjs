// A browser that shows a build, and detects whatever else its pages do.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { after } from "node:test";

import { serve } from "./serve.mjs";

/** Loads a package of `package.json` from where `npm ci` installed it. */
export const load = createRequire(`${process.env.BROWSER_NODE_MODULES}/`);

/** The build, and the path of its URL. */
export const SITE = process.env.SITE;
const BASE = process.env.SITE_PATH ?? "/";

/** The URL of `tfadir serve`, instead of a build. Its only page says why there is no build. */
const FAILED = process.env.SITE_FAILED;

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1280, height: 900 };

// Disables QUIC and the browser's own services, because a test must see every request.
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/**
 * Every page of the build by its path below the URL, or those that SITE_PAGES names. The 404 page is at a
 * path that does not exist.
 */
export function pages() {
  if (process.env.SITE_PAGES !== undefined) return process.env.SITE_PAGES.split(" ");
  const all = readdirSync(SITE, { recursive: true }).filter((path) => path.endsWith(".html"));
  return all.map((path) => (path === "404.html" ? "no/such/file" : path.replace(/index\.html$/, ""))).sort();
}

/** A server for the build, and a browser. */
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

/** Starts the server and the browser for the tests in a file, and ends both afterwards. */
export async function start() {
  const { browser, address: start, close } = await launch();
  after(close);

  /**
   * Shows a page in a new context, and runs a function on it.
   *
   * Then fails if the page wrote to the console, violated its policy, opened a dialog, sent a request
   * to another origin, or sent a request that failed. `expected` is a pattern of what it may do.
   */
  return async function visit(path, options, look) {
    const { viewport = DESKTOP, scheme = "light", script = true, expected = /^$/ } = options;
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
    // The page of a failed build keeps a connection open to wait for the next build.
    await page.waitForNetworkIdle({ idleTime: 100, concurrency: FAILED === undefined ? 0 : 1 });
    assert.match(response.headers()["content-security-policy"], /default-src 'self'/);
    await look(page);
    await context.close();

    // The browser itself logs responses with status 404 or 500 to the console.
    const status = FAILED !== undefined ? 500 : path === "no/such/file" ? 404 : null;
    const isExpected = (what) => expected.test(what) || (status !== null && (what === `${status}: ${address}` || new RegExp(`^console: .*status of ${status}`).test(what)));
    assert.deepEqual(seen.filter((what) => !isExpected(what)), [], path);
  };
}
