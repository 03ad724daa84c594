// What axe finds on a page.
import { load } from "./browser.mjs";

const axe = load("axe-core").source;

/** Selectors of elements with a background that axe cannot determine: text in SVG, and cells scrolled out of view. */
const isBeyondAxe = (page, selectors) =>
  page.evaluate(
    (all) =>
      all.map((selector) => {
        const element = document.querySelector(selector);
        if (element.matches("figure svg text")) return true;
        const table = element.closest("th, td")?.closest(".scroll");
        return table != null && element.getBoundingClientRect().right > table.getBoundingClientRect().right;
      }),
    selectors,
  );

/** What axe finds, and what it cannot decide except for known limitations. */
export async function inaccessible(page) {
  await page.evaluate(axe);
  const { violations, incomplete } = await page.evaluate(() => window.axe.run());
  const contrast = incomplete.find(({ id }) => id === "color-contrast");
  if (contrast !== undefined) {
    const beyond = await isBeyondAxe(page, contrast.nodes.map(({ target }) => target.join(" ")));
    contrast.nodes = contrast.nodes.filter((_, index) => !beyond[index]);
  }
  return [...violations, ...incomplete].flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html}: ${node.failureSummary}`),
  );
}
