// Look-up, tabs, copy buttons, filters and freshness. The pages are complete without this script. Data is
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
  const link = (address, text = address) => {
    let url = null;
    try {
      url = new URL(address);
    } catch {
      // Not a URL.
    }
    const isWeb = url !== null && (url.protocol === "https:" || url.protocol === "http:");
    return isWeb ? make("a", { href: url.href, rel: "noopener nofollow" }, text) : text;
  };

  // Look-up ---------------------------------------------------------------------------------

  const MAX_SUGGESTIONS = 8;

  // The hostname in a typed or pasted domain, URL or e-mail address; nothing in any other text.
  const hostOf = (typed) => {
    const text = typed.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
    try {
      const host = new URL(`https://${text}`).hostname.replace(/\.+$/, "");
      // Some browsers encode spaces, and all of them read a number as an IP address.
      return text.includes(".") && !host.includes("%") ? host : "";
    } catch {
      return "";
    }
  };

  // Lower-case, without accents.
  const plain = (text) => text.trim().toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

  const domainsOf = (site) => [site.domain, ...(site["additional-domains"] ?? [])];

  // The site of a host or of its nearest listed parent domain, and that domain. A main domain comes first.
  const siteOf = (sites, host) => {
    const labels = host.split(".");
    for (const domain of labels.slice(1).map((_, first) => labels.slice(first).join("."))) {
      const site = sites.find((it) => it.domain === domain) ?? sites.find((it) => domainsOf(it).includes(domain));
      if (site !== undefined) return { site, domain };
    }
    return undefined;
  };

  // The sites with a text in their name or domain, best matches first.
  const search = (sites, typed) => {
    const text = plain(typed);
    const rank = (site) => {
      const texts = [plain(site.name), ...domainsOf(site)];
      const tests = [(it) => it === text || it.startsWith(`${text}.`), (it) => it.startsWith(text), (it) => it.includes(` ${text}`), (it) => it.includes(text)];
      return tests.findIndex((test) => texts.some(test));
    };
    const ranked = sites.map((site) => ({ site, rank: rank(site) })).filter((it) => it.rank >= 0);
    const matches = ranked.sort((a, b) => a.rank - b.rank).map((it) => it.site);
    const named = siteOf(sites, hostOf(typed))?.site;
    return [...new Set(named === undefined ? matches : [named, ...matches])];
  };

  // The rows of a list of terms on this page, by term.
  const termsOf = (id) =>
    Object.fromEntries(
      [...document.querySelectorAll(`#${id} > div`)].map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").textContent]),
    );

  const paragraph = (...children) => make("p", {}, ...children);
  const strong = (text) => make("strong", {}, text);

  // The excluded domain that a host is below, or that a text is the beginning of.
  const excludedBy = (reasons, host, text) => {
    const is = (domain) => host === domain || host.endsWith(`.${domain}`) || domain.startsWith(`${text}.`);
    return text === "" ? undefined : Object.keys(reasons).find(is);
  };

  const labelOf = ({ name, domain, methods = ["no 2FA"] }) => [strong(name), " ", domain, " ", make("small", {}, methods.join(", "))];

  // Why there is no answer, and buttons for the sites that may be meant.
  const describeMissing = (host, typed, reason, matches, choose) => {
    const text = typed.trim();
    const parts = [];
    if (reason !== undefined) parts.push(paragraph(strong(reason.domain), ` is not listed on purpose: ${reason.text}`));
    else if (host !== "") parts.push(paragraph(strong(host), " is not listed. It may or may not support two-factor authentication."));
    else if (matches.length === 0) parts.push(paragraph("No site matches “", strong(text), "”. Try its domain."));
    if (matches.length === 0) return parts;
    const shown = matches.slice(0, MAX_SUGGESTIONS);
    const counted = matches.length === 1 ? "1 site" : `${matches.length} sites`;
    const matching = host !== "" ? [" below ", strong(host)] : [matches.length === 1 ? " matches “" : " match “", strong(text), "”"];
    parts.push(paragraph(counted, ...matching, shown.length < matches.length ? `. The first ${shown.length}:` : ":"));
    const list = make("ul", { className: "matches" });
    for (const site of shown) {
      const button = make("button", { type: "button" }, ...labelOf(site));
      button.addEventListener("click", () => choose(site.domain));
      list.append(make("li", {}, button));
    }
    return [...parts, list];
  };

  const describe = ({ icons, repository, entries }, { site, domain }, host, entry) => {
    const parts = [];
    if (domain !== host) parts.push(paragraph(strong(host), " is covered by ", strong(domain), "."));
    const heading = make("p", { className: "site" });
    const path = (file) => `${file[0]}/${encodeURIComponent(file)}`;
    if (icons !== undefined && site.img !== null) {
      heading.append(make("img", { src: icons + path(site.img ?? `${site.domain}.svg`), alt: "", width: 32, height: 32 }));
    }
    const has2fa = Array.isArray(entry.methods);
    const says = has2fa ? " supports two-factor authentication:" : " is listed without two-factor authentication.";
    heading.append(make("span", {}, strong(site.name), ` (${domain})${says}`));
    parts.push(heading);
    if (has2fa) {
      const meanings = termsOf("meanings");
      const list = make("ul");
      for (const method of entry.methods) {
        const names = Array.isArray(entry[method]) ? `: ${entry[method].join(", ")}` : "";
        const meaning = Object.hasOwn(meanings, method) ? ` – ${meanings[method]}` : "";
        list.append(make("li", {}, make("code", {}, method), meaning + names));
      }
      parts.push(list);
    }
    if (entry.notes) parts.push(paragraph(entry.notes));
    if (entry.documentation) parts.push(paragraph("Documentation: ", link(entry.documentation)));
    if (entry.recovery) parts.push(paragraph("Recovery: ", link(entry.recovery)));
    if (repository !== undefined) {
      const file = `HEAD/${entries}/${path(`${site.domain}.json`)}`;
      parts.push(paragraph(link(`${repository}/blob/${file}`, "View the entry"), " · ", link(`${repository}/edit/${file}`, "Edit the entry")));
    }
    return parts;
  };

  // An editable combobox with a list of suggestions, as the ARIA Authoring Practices describe it.
  const setUpLookup = (form) => {
    const [input, list, count, answer] = ["input", "[role=listbox]", ".hidden", ".answer"].map((it) => form.querySelector(it));
    const { index, source } = form.dataset;
    const loading = {};
    const load = (address) => {
      loading[address] ??= get(address).catch((error) => {
        delete loading[address];
        throw error;
      });
      return loading[address];
    };
    let turn = 0;
    let typing = 0;

    // Also ends a search that is still running.
    const close = () => {
      typing += 1;
      list.hidden = true;
      list.replaceChildren();
      count.textContent = "";
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };

    const activate = (option) => {
      for (const it of list.children) it.setAttribute("aria-selected", String(it === option));
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    };

    // Only an exact name, a listed domain or a single match is answered; anything else has a choice of sites.
    const answerTo = async (typed) => {
      const sites = await load(index);
      const [host, text] = [hostOf(typed), plain(typed)];
      const below = (site) => domainsOf(site).some((domain) => domain.endsWith(`.${host}`));
      const found = text === "" ? [] : search(sites, typed);
      const matches = host === "" ? found : sites.filter(below);
      const reasons = termsOf("excluded");
      const excluded = excludedBy(reasons, host, host || text);
      const isSingle = host === "" && matches.length === 1 && excluded === undefined;
      // Some names look like domains, such as Any.do.
      const listed = siteOf(sites, host);
      const best = sites.find((it) => plain(it.name) === text) ?? (isSingle ? matches[0] : undefined);
      if (listed === undefined && best === undefined) {
        const reason = excluded === undefined ? undefined : { domain: host || excluded, text: reasons[excluded] };
        return describeMissing(host, typed, reason, matches, choose);
      }
      const { site, domain } = listed ?? { site: best, domain: best.domain };
      const entries = await load(source);
      const entry = Object.hasOwn(entries, domain) ? entries[domain] : site;
      return describe(form.dataset, { site, domain }, listed === undefined ? domain : host, entry);
    };

    const show = async (typed) => {
      close();
      turn += 1;
      const mine = turn;
      answer.replaceChildren(paragraph("Loading…"));
      const failed = () => [paragraph("The data could not be loaded. Try again, or open ", make("a", { href: source }, source), ".")];
      const parts = await answerTo(typed).catch(failed);
      if (mine === turn) answer.replaceChildren(...parts);
    };

    const choose = (domain) => {
      input.value = domain;
      input.focus();
      show(domain);
    };

    const suggest = async () => {
      close();
      const mine = typing;
      const typed = input.value;
      // A failed download is reported when the form is submitted.
      const sites = typed.trim() === "" ? [] : await load(index).catch(() => []);
      if (mine !== typing) return;
      const found = search(sites, typed).slice(0, MAX_SUGGESTIONS);
      list.append(
        ...found.map((site, at) => {
          const option = make("li", { id: `site-${at}` }, ...labelOf(site));
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          option.dataset.domain = site.domain;
          return option;
        }),
      );
      list.hidden = found.length === 0;
      input.setAttribute("aria-expanded", String(found.length > 0));
      count.textContent = found.length === 1 ? "1 suggestion" : `${found.length} suggestions`;
    };

    form.hidden = false;
    input.addEventListener("focus", () => load(index).catch(() => {}));
    input.addEventListener("input", suggest);
    input.addEventListener("blur", close);
    // Keeps the focus in the input.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option !== null) choose(option.dataset.domain);
    });
    input.addEventListener("keydown", async (event) => {
      const { key, altKey } = event;
      const selected = list.querySelector("[aria-selected=true]");
      const isOpen = !list.hidden;
      if (key === "ArrowDown" || key === "ArrowUp") {
        event.preventDefault();
        if (altKey && key === "ArrowUp") return close();
        if (!isOpen) await suggest();
        const options = [...list.children];
        if (altKey || options.length === 0) return undefined;
        const at = options.indexOf(selected);
        const next = key === "ArrowDown" ? at + 1 : Math.max(at, 0) - 1;
        activate(options.at(next % options.length));
      } else if (key === "Escape") {
        event.preventDefault();
        if (!isOpen) input.value = "";
        close();
      } else if (key === "Enter" && selected !== null) {
        event.preventDefault();
        choose(selected.dataset.domain);
      }
      return undefined;
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      show(input.value);
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

  // Filtering -------------------------------------------------------------------------------

  // Hides rows that do not contain every word, and sections with no rows left.
  const setUpFilter = (box) => {
    const input = box.querySelector("input");
    const rows = [...document.getElementsByClassName(box.dataset.filter)];
    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/);
      for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
      for (const section of new Set(rows.map((row) => row.closest("section")))) {
        section.hidden = rows.every((row) => row.hidden || row.closest("section") !== section);
      }
      const left = rows.filter((row) => !row.hidden).length;
      box.querySelector("[role=status]").textContent = `${left} of ${rows.length} shown`;
    };
    // A link to a row shows its details.
    const open = () => {
      const details = document.getElementById(location.hash.slice(1))?.querySelector("details");
      if (rows.includes(details?.closest("tr"))) details.open = true;
    };
    box.hidden = false;
    input.addEventListener("input", apply);
    window.addEventListener("hashchange", open);
    apply();
    open();
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
      const said = hours < 1 ? "less than an hour ago" : hours < 48 ? age.format(-hours, "hour") : age.format(-Math.floor(hours / 24), "day");
      const time = make("time", { dateTime: then.toISOString() }, then.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }));
      line.replaceChildren("This data is from ", time, ` UTC, ${said}.`);
      line.hidden = false;
    } catch {
      // The link to the manifest is enough.
    }
  };

  document.querySelectorAll("#lookup").forEach(setUpLookup);
  document.querySelectorAll("[data-filter]").forEach(setUpFilter);
  document.querySelectorAll(".tabs").forEach(setUpTabs);
  if (navigator.clipboard) document.querySelectorAll("pre").forEach(setUpCopy);
  document.querySelectorAll("[data-manifest]").forEach(setUpFreshness);
})();
