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

  // What the directory calls a listed site.
  const { one = "site", many = "sites" } = document.getElementById("lookup")?.dataset ?? {};

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
    for (const domain of labels.map((_, first) => labels.slice(first).join("."))) {
      const site = sites.find((it) => it.domain === domain) ?? sites.find((it) => domainsOf(it).includes(domain));
      if (site !== undefined) return { site, domain };
    }
    return undefined;
  };

  const isBelow = (host, domain) => host === domain || host.endsWith(`.${domain}`);

  // The sites whose owner registered the domain of a host, and the sites below the host.
  const relatedTo = (sites, host) =>
    sites.filter((site) => isBelow(host, site.registrable ?? site.domain) || domainsOf(site).some((domain) => isBelow(domain, host)));

  // Whether two texts differ by one letter, or by the order of two.
  const isTypo = (a, b) => {
    let at = 0;
    while (at < a.length && a[at] === b[at]) at += 1;
    const [restA, restB] = [a.slice(at), b.slice(at)];
    const isSwapped = restA.length > 1 && restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
    return isSwapped || restA.slice(1) === restB.slice(1) || restA === restB.slice(1) || restA.slice(1) === restB;
  };

  const MIN_TYPO_LENGTH = 4;

  // The sites with a text in their name or domain, best matches first; if there are none, those with a similar text.
  const search = (sites, typed) => {
    const text = plain(typed);
    const words = text.split(/\s+/);
    const textsOf = (site) => [plain(site.name), ...domainsOf(site)];
    const rank = (site) => {
      const texts = textsOf(site);
      const tests = [(it) => it === text || it.startsWith(`${text}.`), (it) => it.startsWith(text), (it) => it.includes(` ${text}`), (it) => it.includes(text)];
      const best = tests.findIndex((test) => texts.some(test));
      const all = texts.join(" ");
      return best < 0 && words.every((word) => all.includes(word)) ? tests.length : best;
    };
    const ranked = sites.map((site) => ({ site, rank: rank(site) })).filter((it) => it.rank >= 0);
    const matches = ranked.sort((a, b) => a.rank - b.rank).map((it) => it.site);
    const host = hostOf(typed);
    const named = siteOf(sites, host)?.site;
    const found = new Set([...(named === undefined ? [] : [named]), ...matches, ...(host === "" ? [] : relatedTo(sites, host))]);
    if (found.size > 0 || text.length < MIN_TYPO_LENGTH) return [...found];
    return sites.filter((site) => textsOf(site).flatMap((it) => [it, ...it.split(/[\s.]/)]).some((it) => isTypo(text, it)));
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

  const labelOf = ({ name, domain, methods = ["no 2FA"] }) => [make("strong", { dir: "auto" }, name), " ", domain, " ", make("small", {}, methods.join(", "))];

  // The host as it was typed, for an international domain; otherwise the host.
  const shownHost = (typed, host) => {
    const text = typed.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").split(/[/?#]/)[0].split("@").pop().replace(/:\d*$/, "").toLowerCase();
    return host !== "" && hostOf(text) === host ? text.replace(/\.+$/, "") : host;
  };

  const contribute = (domain, text) => make("a", { href: `contribute/?domain=${encodeURIComponent(domain)}` }, text);

  // Why there is no answer, and buttons for the sites that may be meant.
  const describeMissing = (host, typed, reason, { related, matches }, choose) => {
    const text = typed.trim();
    const shown = shownHost(typed, host);
    const parts = [];
    const some = related.length > 0 || (host !== "" && reason !== undefined) ? related : matches;
    const counted = some.length === 1 ? `1 ${one}` : `${some.length} ${many}`;
    const first = some.slice(0, MAX_SUGGESTIONS);
    const end = first.length < some.length ? `. The first ${first.length}:` : ":";
    if (reason !== undefined) parts.push(paragraph(strong(reason.domain), ` is not listed on purpose: ${reason.text}`));
    else if (related.length > 0) parts.push(paragraph(`${counted} ${some.length === 1 ? "is" : "are"} listed under the domain of “`, strong(shown), `”${end}`));
    else if (host !== "") parts.push(paragraph(strong(shown), " is not listed. It may or may not support two-factor authentication."), paragraph(contribute(host, `Add ${shown}`)));
    else if (some.length === 0) parts.push(paragraph(`No ${one} matches “`, strong(text), "”. Try its domain."));
    if (some.length === 0) return parts;
    if (host !== "" && related.length === 0) parts.push(paragraph("Did you mean:"));
    else if (host === "") parts.push(paragraph(counted, some.length === 1 ? " matches “" : " match “", strong(text), `”${end}`));
    const list = make("ul", { className: "matches" });
    for (const site of first) {
      const button = make("button", { type: "button" }, ...labelOf(site));
      button.addEventListener("click", () => choose(site.domain));
      list.append(make("li", {}, button));
    }
    return [...parts, list];
  };

  // The answer from a site of the index, and from its entry once that is loaded.
  const describe = ({ icons, repository, entries }, { site, domain, shown, isCovered }, entry) => {
    const parts = [];
    if (isCovered) parts.push(paragraph(strong(shown), " is covered by ", strong(domain), "."));
    const heading = make("p", { className: "site" });
    const path = (file) => `${file[0]}/${encodeURIComponent(file)}`;
    if (icons !== undefined && site.img !== null) {
      heading.append(make("img", { src: icons + path(site.img ?? `${site.domain}.svg`), alt: "", width: 32, height: 32 }));
    }
    const { methods, ...details } = entry ?? { methods: site.methods };
    const has2fa = Array.isArray(methods);
    const says = has2fa ? " supports two-factor authentication:" : " is listed without two-factor authentication.";
    heading.append(make("span", {}, make("strong", { dir: "auto" }, site.name), ` (${isCovered ? domain : shown})${says}`));
    parts.push(heading);
    if (has2fa) {
      const meanings = termsOf("meanings");
      const list = make("ul");
      for (const method of methods) {
        const names = Array.isArray(details[method]) ? details[method] : [];
        const named = names.flatMap((name, at) => [at === 0 ? ": " : ", ", make("bdi", {}, name)]);
        const meaning = Object.hasOwn(meanings, method) ? ` – ${meanings[method]}` : "";
        list.append(make("li", {}, make("code", {}, method), meaning, ...named));
      }
      parts.push(list);
    }
    if (details.notes) parts.push(make("p", { dir: "auto" }, details.notes));
    if (details.documentation) parts.push(paragraph("Documentation: ", link(details.documentation)));
    if (details.recovery) parts.push(paragraph("Recovery: ", link(details.recovery)));
    if (entry !== undefined) {
      const edit = contribute(site.domain, "Correct the entry");
      const view = repository === undefined ? [] : [link(`${repository}/blob/HEAD/${entries}/${path(`${site.domain}.json`)}`, "View the entry"), " · "];
      parts.push(paragraph(...view, edit));
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
    const find = (sites, typed) => {
      const [host, text] = [hostOf(typed), plain(typed)];
      const matches = text === "" ? [] : search(sites, typed);
      const related = host === "" ? [] : relatedTo(sites, host);
      const reasons = termsOf("excluded");
      const excluded = excludedBy(reasons, host, host || text);
      const isSingle = host === "" && matches.length === 1 && excluded === undefined;
      // Some names look like domains, such as Any.do, and internal hosts look like names.
      const listed = siteOf(sites, host);
      const best = sites.find((it) => plain(it.name) === text || domainsOf(it).includes(text)) ?? (isSingle ? matches[0] : undefined);
      if (listed === undefined && best === undefined) {
        const reason = excluded === undefined ? undefined : { domain: host || excluded, text: reasons[excluded] };
        return { parts: describeMissing(host, typed, reason, { related, matches }, choose) };
      }
      if (listed === undefined) return { found: { site: best, domain: best.domain, shown: best.domain } };
      const shown = shownHost(typed, host);
      return { found: { ...listed, shown, isCovered: listed.domain !== host } };
    };

    const isPhone = () => matchMedia("(max-width: 40rem)").matches;

    const show = async (typed) => {
      close();
      turn += 1;
      const mine = turn;
      const put = (...parts) => {
        if (mine !== turn) return;
        answer.replaceChildren(...parts);
        if (isPhone()) answer.scrollIntoView({ block: "start" });
      };
      const failed = () => paragraph("The data could not be loaded. Try again, or open ", make("a", { href: source }, source), ".");
      if (isPhone()) input.blur();
      answer.replaceChildren(paragraph("Loading…"));
      const sites = await load(index).catch(() => null);
      if (sites === null) return put(failed());
      const { parts, found } = find(sites, typed);
      if (found === undefined) return put(...parts);
      // The index has the methods; the links come from the API.
      put(...describe(form.dataset, found));
      const entries = await load(source).catch(() => null);
      if (entries === null) return put(...describe(form.dataset, found), failed());
      const entry = Object.hasOwn(entries, found.domain) ? entries[found.domain] : found.site;
      return put(...describe(form.dataset, found, entry));
    };

    // The address of the page names the site, so that an answer can be shared.
    const answerTo = (typed) => {
      const address = new URL(location.href);
      address.searchParams.set("site", typed.trim());
      address.hash = "";
      if (address.href !== location.href) history.pushState(null, "", address);
      return show(typed);
    };

    const asked = () => {
      const typed = new URLSearchParams(location.search).get("site");
      if (typed === null || typed.trim() === "") return;
      input.value = typed;
      show(typed);
    };

    const choose = (domain) => {
      input.value = domain;
      if (!isPhone()) input.focus();
      answerTo(domain);
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
      answerTo(input.value);
    });
    window.addEventListener("popstate", asked);
    asked();
  };

  // Tabs ------------------------------------------------------------------------------------

  const allTabs = [];

  // The language that was chosen last, on any page. Some settings of browsers forbid storage.
  const remember = (language) => {
    try {
      localStorage.setItem("language", language);
    } catch {
      // It is forgotten.
    }
  };
  const remembered = () => {
    try {
      return localStorage.getItem("language");
    } catch {
      return null;
    }
  };

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
      heading.classList.add("printed");
      list.append(button);
      return { button, panel };
    });
    if (tabs.length === 0) return;
    tabs.forEach(({ button, panel }, index) => {
      // A language is selected in all groups at once.
      const choose = () => {
        allTabs.forEach((them) => select(them, panel.dataset.language));
        remember(panel.dataset.language);
      };
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
    const linked = tabs.find(({ panel }) => `#${panel.id}` === location.hash);
    select(tabs, tabs[0].panel.dataset.language);
    select(tabs, linked?.panel.dataset.language ?? remembered());
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
    input.addEventListener("input", apply);
    window.addEventListener("hashchange", open);
    apply();
    open();
  };

  // Freshness -------------------------------------------------------------------------------

  // The age of the time before an element.
  const setUpFreshness = (place) => {
    const then = new Date(place.previousElementSibling.dateTime);
    const hours = Math.max(0, Math.floor((Date.now() - then.getTime()) / 3600000));
    const age = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
    const said = hours < 1 ? "less than an hour ago" : hours < 48 ? age.format(-hours, "hour") : age.format(-Math.floor(hours / 24), "day");
    place.textContent = `, ${said}`;
  };

  document.querySelectorAll("#lookup").forEach(setUpLookup);
  document.querySelectorAll("[data-filter]").forEach(setUpFilter);
  document.querySelectorAll(".tabs").forEach(setUpTabs);
  if (navigator.clipboard) document.querySelectorAll("pre").forEach(setUpCopy);
  document.querySelectorAll("[data-age]").forEach(setUpFreshness);
})();
