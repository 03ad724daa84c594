// Look-up, tabs, copy buttons and freshness. The pages are complete without this script. Data is
// inserted as text, never as markup.
"use strict";

(() => {
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const get = async (address) => {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    return response.json();
  };

  // Only http and https URLs become links; anything else is shown as text.
  const link = (address) => {
    let url = null;
    try {
      url = new URL(address);
    } catch {
      // Not a URL.
    }
    const isWeb = url !== null && (url.protocol === "https:" || url.protocol === "http:");
    return isWeb ? make("a", { href: url.href, rel: "noopener nofollow" }, address) : address;
  };

  // Look-up ---------------------------------------------------------------------------------

  // The hostname in a typed or pasted domain, URL or e-mail address.
  const hostOf = (typed) => {
    const text = typed.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
    try {
      return new URL(`https://${text}`).hostname.replace(/\.+$/, "");
    } catch {
      return "";
    }
  };

  // The nearest key of an object: the host itself or a parent domain.
  const nearest = (entries, host) => {
    const labels = host.split(".");
    const domains = labels.slice(1).map((_, first) => labels.slice(first).join("."));
    return domains.find((domain) => Object.hasOwn(entries, domain));
  };

  // The rows of a list of terms on this page, by term.
  const termsOf = (id) =>
    Object.fromEntries(
      [...document.querySelectorAll(`#${id} > div`)].map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").textContent]),
    );

  const describe = (host, entries) => {
    const domain = nearest(entries, host);
    if (domain === undefined) {
      const reasons = termsOf("excluded");
      const excluded = nearest(reasons, host);
      const why = excluded === undefined ? " is not listed. It may or may not support two-factor authentication." : ` is not listed on purpose: ${reasons[excluded]}`;
      return [make("p", {}, make("strong", {}, host), why)];
    }
    const parts = [];
    const entry = entries[domain];
    if (domain !== host) {
      parts.push(make("p", {}, make("strong", {}, host), " is covered by ", make("strong", {}, domain), "."));
    }
    if (!Array.isArray(entry.methods)) {
      parts.push(make("p", {}, make("strong", {}, domain), " is listed without two-factor authentication."));
      return parts;
    }
    parts.push(make("p", {}, make("strong", {}, domain), " supports two-factor authentication:"));
    const meanings = termsOf("meanings");
    const list = make("ul");
    for (const method of entry.methods) {
      const names = Array.isArray(entry[method]) ? `: ${entry[method].join(", ")}` : "";
      const meaning = Object.hasOwn(meanings, method) ? ` – ${meanings[method]}` : "";
      list.append(make("li", {}, make("code", {}, method), meaning + names));
    }
    parts.push(list);
    if (entry.notes) parts.push(make("p", {}, entry.notes));
    if (entry.documentation) parts.push(make("p", {}, "Documentation: ", link(entry.documentation)));
    if (entry.recovery) parts.push(make("p", {}, "Recovery: ", link(entry.recovery)));
    return parts;
  };

  const setUpLookup = (form) => {
    const answer = form.querySelector("#answer");
    const source = form.dataset.source;
    let entries = null;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const host = hostOf(form.elements.domain.value);
      if (!host.includes(".")) {
        answer.replaceChildren(make("p", {}, "Enter a domain, such as example.com."));
        return;
      }
      answer.replaceChildren(make("p", {}, "Loading…"));
      try {
        entries ??= get(source);
        answer.replaceChildren(...describe(host, await entries));
      } catch {
        entries = null;
        answer.replaceChildren(make("p", {}, "The data could not be loaded. Try again, or open ", make("a", { href: source }, source), "."));
      }
    });
  };

  // Tabs ------------------------------------------------------------------------------------

  const allTabs = [];

  const select = (tabs, language) => {
    if (!tabs.some((tab) => tab.panel.dataset.language === language)) return;
    for (const { button, panel } of tabs) {
      const isSelected = panel.dataset.language === language;
      button.setAttribute("aria-selected", String(isSelected));
      button.tabIndex = isSelected ? 0 : -1;
      panel.hidden = !isSelected;
    }
  };

  const setUpTabs = (group) => {
    const list = make("div", { className: "tablist" });
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", group.dataset.label);
    const tabs = [...group.querySelectorAll("section")].map((panel) => {
      const heading = panel.querySelector("h3");
      const button = make("button", { type: "button", id: `${panel.id}-tab` }, heading.textContent);
      button.setAttribute("role", "tab");
      button.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", button.id);
      heading.remove();
      list.append(button);
      return { button, panel };
    });
    if (tabs.length === 0) return;
    tabs.forEach(({ button, panel }, index) => {
      // A language is selected in all groups at once.
      const choose = () => allTabs.forEach((them) => select(them, panel.dataset.language));
      button.addEventListener("click", choose);
      button.addEventListener("keydown", (event) => {
        const last = tabs.length - 1;
        const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: last }[event.key];
        if (next === undefined) return;
        event.preventDefault();
        const target = tabs[(next + tabs.length) % tabs.length].button;
        target.click();
        target.focus();
      });
    });
    group.prepend(list);
    allTabs.push(tabs);
    const linked = tabs.find(({ panel }) => `#${panel.id}` === location.hash) ?? tabs[0];
    select(tabs, linked.panel.dataset.language);
  };

  // Copying ---------------------------------------------------------------------------------

  const setUpCopy = (block) => {
    const button = make("button", { type: "button", className: "copy" }, "Copy");
    const said = make("span", { className: "hidden" });
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(block.textContent);
        button.textContent = "Copied";
        said.textContent = "Copied";
      } catch {
        button.textContent = "Press Ctrl+C";
        getSelection().selectAllChildren(block);
      }
      setTimeout(() => {
        button.textContent = "Copy";
        said.textContent = "";
      }, 2000);
    });
    const frame = make("div", { className: "frame" });
    block.replaceWith(frame);
    frame.append(block, button, said);
  };

  // Freshness -------------------------------------------------------------------------------

  const setUpFreshness = async (line) => {
    try {
      const manifest = await get(line.dataset.manifest);
      const then = new Date(manifest.time);
      // A build without a Git commit does not know the time of its data.
      if (!(then.getTime() > 0)) return;
      const hours = Math.max(0, Math.floor((Date.now() - then.getTime()) / 3600000));
      const age = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
      const said = hours < 48 ? age.format(-hours, "hour") : age.format(-Math.floor(hours / 24), "day");
      const time = make("time", { dateTime: then.toISOString() }, then.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }));
      line.replaceChildren("This data is from ", time, ` UTC, ${said}.`);
      line.hidden = false;
    } catch {
      // The link to the manifest is enough.
    }
  };

  document.querySelectorAll("form[data-source]").forEach(setUpLookup);
  document.querySelectorAll(".tabs").forEach(setUpTabs);
  if (navigator.clipboard) document.querySelectorAll("pre").forEach(setUpCopy);
  document.querySelectorAll("[data-manifest]").forEach(setUpFreshness);
})();
