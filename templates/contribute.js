// The form for an entry: looks the site up, writes the file as `tfadir fmt` does, checks it as `tfadir check` does, and
// packs it with its icon. The page explains the same steps without this script. Data is inserted as text, never as markup.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("entry");
  const result = byId("result");
  const known = JSON.parse(byId("known").textContent);
  const { index, complete, entries, icons, repository, one = "site", many = "sites" } = form.dataset;

  // GitHub refuses longer URLs.
  const MAX_URL_LENGTH = 8000;

  const get = async (address) => {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    return response.json();
  };

  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // Descriptions are Markdown with code only.
  const marked = (text) => text.split("`").map((part, at) => (at % 2 === 1 ? make("code", {}, part) : part));

  // The schema and the sites, once they are loaded; null if they cannot be loaded.
  let schema = null;
  let sites = null;
  // The published entry that is being edited, with its name, if there is one.
  let edited = null;
  let icon = null;
  // Fields that were filled in or left; others do not show yet that something is missing.
  const visited = new Set();

  // Normalising -----------------------------------------------------------------------------

  const hostOf = (text) => {
    const rest = text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
    try {
      const host = new URL(`https://${rest}`).hostname.replace(/\.$/, "");
      return (rest.includes(".") || known.internal) && !host.includes("%") ? host : text;
    } catch {
      return text;
    }
  };

  const toDomain = (text) => {
    const host = hostOf(text);
    const rest = host.replace(/^www\./, "");
    return rest.includes(".") && !known.suffixes.includes(rest) ? rest : host;
  };

  const toUrl = (text) => {
    const full = /^[\w-]+(\.[\w-]+)+([/?#]|$)/.test(text) ? `https://${text}` : text;
    if (/^https?:\/\/[a-z0-9.-]+(:\d+)?([/?#]|$)/.test(full) && FORMATS.uri.test(full)) return full;
    try {
      const url = new URL(full);
      return /^https?:$/.test(url.protocol) ? url.href : full;
    } catch {
      return full;
    }
  };

  const countries = new Map();
  const englishNames = new Intl.DisplayNames(["en"], { type: "region" });
  for (const [code, name, code3] of known.regions) {
    for (const word of [code, name, code3, englishNames.of(code.toUpperCase())]) countries.set(word.toLowerCase(), code);
  }

  // The code that a table of aliases gives without doubt.
  const aliasOf = (kind, word) => {
    const alias = known.aliases[kind][word.replace(/[ _]/g, "-")];
    return typeof alias === "string" ? alias : undefined;
  };

  const toRegion = (text) => {
    const [, sign, word] = /^([-−–]?)\s*(.*)$/s.exec(text.toLowerCase());
    return (sign && "-") + (countries.get(word) ?? aliasOf("region", word) ?? word);
  };

  const toAccount = (text) => text.replace(/^(https?:\/\/)?((www|m|mobile)\.)?(twitter|x|facebook)\.com\/([^/?#]+)\/?$/i, "$5").replace(/^@/, "");

  const toLanguage = (text) => aliasOf("language", text.toLowerCase()) ?? text.toLowerCase();

  // As `text-characters` fixes it: one space between words, and letters with their accents.
  const toText = (text) => text.normalize("NFC").replace(/\s+/gu, " ").trim();

  const NORMALISE = {
    name: toText,
    notes: toText,
    "custom-software": toText,
    "custom-hardware": toText,
    domain: toDomain,
    "additional-domains": toDomain,
    ...Object.fromEntries(known.urls.map((id) => [id, toUrl])),
    regions: toRegion,
    "contact-form": toUrl,
    "contact-email": (text) => text.replace(/^mailto:/i, ""),
    "contact-twitter": toAccount,
    "contact-facebook": toAccount,
    "contact-language": toLanguage,
  };

  // Reading the form ------------------------------------------------------------------------

  const idOf = (field) => field.id.replace("field-", "");
  const fields = [...form.querySelectorAll("[data-pointer]")];

  const valuesOf = (field) => {
    if (field.matches("fieldset")) return [...field.querySelectorAll(":checked")].map((box) => box.value);
    const separator = field.id === "field-regions" ? /[\n,;]/ : "\n";
    const lines = field.value.split(separator).map((line) => line.trim()).filter((line) => line !== "");
    const normalise = NORMALISE[idOf(field)] ?? ((text) => text);
    return lines.map(normalise);
  };

  const isRedundant = (id, value, domain) => (id === "url" && [`https://${domain}`, `https://${domain}/`].includes(value)) || (id === "img" && value === `${domain}.svg`);

  // The name and the entry. Fields are in the schema's order, and only those that are shown count.
  const read = () => {
    const entry = {};
    let name = "";
    const shown = fields.filter((field) => field.closest("[data-when][hidden]") === null);
    const place = (field) => known.order.indexOf(idOf(field));
    for (const field of shown.sort((a, b) => place(a) - place(b))) {
      const values = valuesOf(field);
      if (values.length === 0 || isRedundant(idOf(field), values[0], entry.domain)) continue;
      const value = "list" in field.dataset ? values : values[0];
      const steps = field.dataset.pointer.split("/").slice(1);
      const last = steps.pop();
      if (last === undefined) name = value;
      else steps.reduce((object, step) => (object[step] ??= {}), entry)[last] = value;
    }
    return [name, entry];
  };

  // Checking against the schema ---------------------------------------------------------------

  const FORMATS = {
    hostname: /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/,
    uri: /^[a-z][a-z0-9+.-]*:([\w.~:/?@!$&'()*+,;=-]|%[0-9a-f]{2})+(#([\w.~:/?@!$&'()*+,;=-]|%[0-9a-f]{2})*)?$/i,
    email: /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@[a-z0-9-]+(\.[a-z0-9-]+)+$/i,
  };

  const article = (noun) => (/^[aeiou]/i.test(noun) ? "an " : "a ") + noun;

  // The problems of a value: for each, the path to the field and a sentence. Keywords that the form cannot violate, such
  // as `type`, are left out. `about` is the nearest description.
  const check = (root, part, value, at = [], about = "") => {
    if (part === false) return [{ at, text: about }];
    about = part.description ?? about;
    const inner = (other, inside = value, where = at) => check(root, other, inside, where, about);
    const fits = (other) => inner(other).length === 0;
    const every = (parts) => parts.flatMap((other) => inner(other));
    const when = (isWrong, text, where = at) => (isWrong ? [{ at: where, text }] : []);
    const found = [];

    if (part.$ref) found.push(...inner(part.$ref.split("/").slice(1).reduce((place, step) => place[step], root)));
    if (part.const !== undefined) found.push(...when(value !== part.const, about));
    found.push(...every(part.allOf ?? []));
    for (const [keyword, isRight] of [["anyOf", (fitting) => fitting > 0], ["oneOf", (fitting) => fitting === 1]]) {
      if (part[keyword]) found.push(...when(!isRight(part[keyword].filter(fits).length), about));
    }
    if (part.not) found.push(...when(fits(part.not), about));
    if (part.if) found.push(...inner(fits(part.if) ? part.then : part.else));

    if (typeof value === "string") {
      const length = [...value].length;
      const isShort = length < (part.minLength ?? 0);
      const patterns = [new RegExp(part.pattern ?? "", "u"), FORMATS[part.format] ?? /^/];
      const isWrong = length > (part.maxLength ?? length) || !patterns.every((pattern) => pattern.test(value));
      if (value === "") found.push(...when(isShort, MISSING));
      else if (isShort) found.push(...when(true, `The text is shorter than ${part.minLength} characters.`));
      else found.push(...when(isWrong, `This is not ${article(part.title ?? "value")}. ${about}`));
    } else if (Array.isArray(value)) {
      const items = part.items ?? {};
      found.push(...value.flatMap((item) => inner(items, item)));
      if (part.contains) found.push(...when(!value.some((item) => inner(part.contains, item).length === 0), about));
      if (part.uniqueItems) found.push(...when(new Set(value).size < value.length, "A value is repeated."));
      found.push(...when(value.length > (part.maxItems ?? value.length), `There are more than ${part.maxItems} values.`));
    } else {
      const properties = part.properties ?? {};
      for (const name of part.required ?? []) found.push(...when(!Object.hasOwn(value, name), MISSING, [...at, name]));
      for (const [name, others] of Object.entries(part.dependentRequired ?? {})) {
        const isAlone = Object.hasOwn(value, name) && others.some((other) => !Object.hasOwn(value, other));
        found.push(...when(isAlone, about, [...at, name]));
      }
      for (const [name, field] of Object.entries(value)) {
        if (part.propertyNames) found.push(...inner(part.propertyNames, name, ["name"]));
        const other = Object.hasOwn(properties, name) ? properties[name] : part.additionalProperties;
        // The form is about one site, so the path begins in its entry.
        if (other !== undefined) found.push(...inner(other, field, part.propertyNames ? at : [...at, name]));
      }
    }
    return found;
  };

  const MISSING = "This field is missing.";

  // Checking what no schema can say -----------------------------------------------------------

  const endsInNumber = (host) => /(^|\.)(\d+|0x[0-9a-f]*)$/.test(host);

  const reference = (text) => /&(#[0-9a-z]{1,31}|quot|amp|apos|lt|gt);/i.exec(text)?.[0];

  // Joiners and variation selectors have an effect in some scripts and emoji; only tfadir can tell where.
  const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Co}\u2800\ufffc]|(?![\u200c\u200d]|\p{VS})[\p{Cf}\p{DI}]/u;

  const problemOfText = (text, max) => {
    const invisible = INVISIBLE.exec(text)?.[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    if (invisible !== undefined) return `Remove the invisible character U+${invisible}.`;
    const found = reference(text);
    if (found !== undefined) return `Write the character itself instead of \`${found}\`.`;
    if (text.trim() === "") return "This text is blank.";
    return [...text].length > max ? `This text is longer than ${max} characters.` : undefined;
  };

  const problemOfUrl = (text, domain) => {
    const found = reference(text);
    if (found !== undefined) return `Write the character itself instead of \`${found}\`.`;
    if (text.length > 2048) return "This URL is longer than 2,048 characters.";
    let url;
    try {
      url = new URL(text);
    } catch {
      return "This is not a URL that browsers understand.";
    }
    const host = url.hostname.replace(/\.$/, "");
    if (url.username !== "" || url.password !== "" || /^[^/]*\/\/[^/?#]*@/.test(text)) return "Remove the user name and password: everything up to the `@`.";
    if (host.startsWith("[") || endsInNumber(host)) return `Use the ${one}'s domain name instead of an IP address.`;
    if (!host.includes(".") && !known.internal) return "The hostname has no dot. Use the full domain name.";
    if (host !== url.hostname || !FORMATS.hostname.test(host) || url.port === "0") return `The host \`${url.host}\` is not a domain.`;
    const isPlaceholder = ["site.com", "example.com"].includes(host.replace(/^www\./, "")) && host.replace(/^www\./, "") !== domain;
    return isPlaceholder ? `This is a placeholder. Write a link to the ${one}'s page.` : undefined;
  };

  const domainsOf = (site) => [site.domain, ...(site["additional-domains"] ?? [])];

  const others = () => (sites ?? []).filter((site) => site.domain !== edited?.entry.domain);

  const listedFor = (site) => {
    const link = make("a", { href: `?domain=${encodeURIComponent(site.domain)}` }, "Correct its entry");
    return ["This domain is listed already, for ", make("bdi", {}, site.name), ". ", link, "."];
  };

  // What to say about a domain: text, elements, or nothing.
  const problemOfDomain = (domain, isMain) => {
    const labels = domain.split(".");
    const parents = labels.map((_, first) => labels.slice(first).join("."));
    const excluded = parents.find((parent) => Object.hasOwn(known.excluded, parent));
    if (excluded !== undefined) return `This directory does not list \`${excluded}\`. ${known.excluded[excluded].reason}`;
    const other = others().find((site) => site.domain === domain);
    if (isMain && other !== undefined) return listedFor(other);
    if (endsInNumber(domain)) return `This is an IP address. Use the ${one}'s domain name.`;
    if (isMain && domain === "site.com") return `This is a placeholder. Write the ${one}'s domain.`;
    return !isMain && known.suffixes.includes(domain) ? `Anyone can register a domain below \`${domain}\`.` : undefined;
  };

  const problemOfRegion = (region) => {
    const code = region.replace(/^-/, "");
    if (known.regions.some(([it]) => it === code)) return undefined;
    const alias = known.aliases.region[code.replace(/[ _]/g, "-")];
    const note = alias?.note ?? "Regions are two-letter country codes (ISO 3166-1).";
    return `Unknown country \`${code}\`. ${note}`;
  };

  const sameName = (name) => others().find((site) => plain(site.name) === plain(name));
  const plain = (name) => name.normalize("NFKC").toLowerCase();

  const problemOfName = (name) => {
    if (name === "Site Name") return `This is a placeholder. Write the ${one}'s name.`;
    const other = sameName(name);
    if (other === undefined) return problemOfText(name, 200);
    const fuller = make("bdi", {}, `${name} (Canada)`);
    return [`Another ${one} has this name: `, make("bdi", {}, other.domain), `. If the ${many} differ, add what tells them apart, such as the country: “`, fuller, "”."];
  };

  // The problems that rules other than those of the schema find: pairs of a field and text or elements.
  const problemsOfRules = (name, entry) => {
    const found = [["name", problemOfName(name)], ["domain", problemOfDomain(entry.domain ?? "", true)]];
    const all = (id, test) => found.push(...[entry[id] ?? []].flat().map((value) => [id, test(value)]));
    all("additional-domains", (domain) => problemOfDomain(domain, false));
    for (const id of known.urls) all(id, (url) => problemOfUrl(url, entry.domain));
    for (const id of ["custom-software", "custom-hardware"]) all(id, (text) => problemOfText(text, 200));
    all("notes", (text) => problemOfText(text, 1000));
    all("regions", problemOfRegion);
    const { form: address, email, language } = entry.contact ?? {};
    if (address !== undefined) found.push(["contact-form", problemOfUrl(address, entry.domain)]);
    if (email !== undefined && endsInNumber(email)) found.push(["contact-email", "This is not an e-mail address."]);
    if (language !== undefined && !known.languages.includes(language)) found.push(["contact-language", "Unknown language. Write a two-letter code (ISO 639-1)."]);
    return found.filter(([, text]) => text !== undefined);
  };

  const answer = () => form.elements["has-2fa"].value;

  // The group that a problem of the whole entry belongs to.
  const groupOf = (id) => {
    if (id === "contact") return "group-contact";
    if (id !== "") return id;
    return { yes: "tfa", no: "group-contact" }[answer()] ?? "has-2fa";
  };

  // Every problem by its field; the first one of a field counts.
  const problems = () => {
    const [name, entry] = read();
    const found = new Map();
    if (answer() === "") found.set("has-2fa", "Choose an answer.");
    const file = { [name]: entry };
    const violations = schema === null ? [] : check(schema, schema, file).map(({ at, text }) => [groupOf(at.join("-")), text]);
    for (const [id, text] of [...violations, ...problemsOfRules(name, entry)]) {
      const isMissing = id === "tfa" && !entry.tfa;
      const said = isMissing ? "Choose at least one method." : id === "group-contact" && entry.contact === undefined ? "Fill in at least one of these fields." : text;
      if (!found.has(id)) found.set(id, said);
    }
    return found;
  };

  // What does not stop a pull request.
  const advice = () => {
    const [, entry] = read();
    const found = new Map();
    for (const id of ["domain", "additional-domains"]) {
      const other = others().find((site) => domainsOf(site).some((domain) => [entry[id] ?? []].flat().includes(domain)));
      if (other !== undefined) found.set(id, listedFor(other));
    }
    if (entry.tfa && entry.documentation === undefined) found.set("documentation", `Reviewers use this page to verify the entry. If there is none, say in the pull request how you know what the ${one} offers.`);
    for (const id of known.urls) {
      if (entry[id]?.startsWith("http:")) found.set(id, `Use \`https://\` if the ${one} supports it.`);
    }
    return found;
  };

  // The icon --------------------------------------------------------------------------------

  const SVG = "http://www.w3.org/2000/svg";

  const problemOfSvg = (text) => {
    // The browser reports handlers and styles as violations of the page's policy, even in a document that is never shown.
    const inert = text.replace(/(\s)(on\w+|style)(\s*=)/gi, "$1data-$2$3");
    const root = new DOMParser().parseFromString(inert, "image/svg+xml").documentElement;
    if (root.querySelector("parsererror") !== null || root.namespaceURI !== SVG || root.localName !== "svg") return "This file is not valid SVG. Export the icon again.";
    if (/<!doctype/i.test(text)) return "Remove `<!DOCTYPE …>`.";
    if (/<\?/.test(text)) return "Remove `<?xml …?>`.";
    if (/[\n\r]/.test(text.trim())) return "This file has several lines. Minify it, for example with SVGO.";
    const elements = [root, ...root.querySelectorAll("*")];
    const isNamed = (...names) => elements.some((element) => names.includes(element.localName.toLowerCase()));
    const attributes = elements.flatMap((element) => [...element.attributes]);
    const squeezed = (value) => value.replace(/[\s\p{Cc}]/gu, "").toLowerCase();
    if (isNamed("script", "foreignobject") || attributes.some(({ localName, value }) => /^data-on/i.test(localName) || squeezed(value).startsWith("javascript:") || (localName === "attributeName" && /^(on|.*href$)/i.test(value)))) {
      return "This icon contains a script. Remove it.";
    }
    if (isNamed("image", "feimage") || attributes.some(({ value }) => squeezed(value).includes("data:"))) return "This icon contains another image. Draw it with paths, or use a PNG file.";
    const css = [...attributes.map(({ value }) => value), ...elements.filter((it) => it.localName === "style").map((it) => it.textContent)];
    const isOutside = ({ localName, value }) => /^(href|src)$/i.test(localName) && !value.trim().startsWith("#");
    if (attributes.some(isOutside) || css.some((value) => /@import|image-set\(|url\(\s*['"]?\s*[^#'"\s]/i.test(value))) return "This icon refers to something outside itself. Remove the reference.";
    return undefined;
  };

  const problemOfPng = (bytes) => {
    const view = new DataView(bytes.buffer);
    const isPng = bytes.length > 24 && view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a;
    if (!isPng) return "This file is not a PNG file.";
    const [width, height] = [view.getUint32(16), view.getUint32(20)];
    const isRight = width === height && known.icon.sides.includes(width);
    return isRight ? undefined : `This icon is ${width} × ${height} pixels. It must be square, with a side of ${known.icon.sides.join(", ")} pixels.`;
  };

  const readIcon = async (file) => {
    const kind = /\.(svg|png)$/i.exec(file.name)?.[1].toLowerCase();
    if (kind === undefined) return { problem: "Choose an SVG or PNG file." };
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (kind === "png") return { kind, bytes, problem: problemOfPng(bytes) };
    try {
      return { kind, bytes, problem: problemOfSvg(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
    } catch {
      return { kind, bytes, problem: "This file is not in UTF-8. Export the icon again." };
    }
  };

  // Packing ---------------------------------------------------------------------------------

  const crc = (bytes) => {
    let rest = ~0;
    for (const byte of bytes) {
      rest ^= byte;
      for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
    }
    return ~rest >>> 0;
  };

  const little = (size, value) => Array.from({ length: size }, (_, at) => (value >>> (8 * at)) & 255);

  // An uncompressed ZIP archive (APPNOTE 6.3) of pairs of a path and bytes.
  const zip = (files) => {
    const parts = [];
    const directory = [];
    let offset = 0;
    for (const [path, bytes] of files) {
      const name = new TextEncoder().encode(path);
      // Version 2.0, UTF-8 names, stored, 1 January 1980.
      const common = [...little(2, 20), ...little(2, 0x800), ...little(2, 0), ...little(2, 0), ...little(2, 33), ...little(4, crc(bytes)), ...little(4, bytes.length), ...little(4, bytes.length), ...little(2, name.length), ...little(2, 0)];
      const header = Uint8Array.from([...little(4, 0x04034b50), ...common, ...name]);
      directory.push(...little(4, 0x02014b50), ...little(2, 20), ...common, ...little(10, 0), ...little(4, offset), ...name);
      parts.push(header, bytes);
      offset += header.length + bytes.length;
    }
    const end = [...little(4, 0x06054b50), ...little(4, 0), ...little(2, files.length), ...little(2, files.length), ...little(4, directory.length), ...little(4, offset), ...little(2, 0)];
    return new Blob([...parts, Uint8Array.from(directory), Uint8Array.from(end)], { type: "application/zip" });
  };

  // Showing ---------------------------------------------------------------------------------

  const write = (id, content, isError) => {
    const place = byId(`error-${id}`);
    if (place === null) return;
    const said = make("p", {}, ...(typeof content === "string" ? marked(content) : content ?? []));
    // A link that is being clicked must stay.
    if (said.textContent !== place.textContent) place.replaceChildren(...said.childNodes);
    place.hidden = content === undefined;
    place.classList.toggle("advice", !isError);
    const field = byId(`field-${id}`);
    if (field?.matches("input, textarea")) field.setAttribute("aria-invalid", String(isError && content !== undefined));
  };

  const showProblems = (all) => {
    const notes = advice();
    for (const place of form.querySelectorAll("[id^=error-]")) {
      const id = place.id.replace("error-", "");
      const isShown = visited.has(id) || (visited.has("contact") && id === "group-contact");
      const problem = isShown ? all.get(id) : undefined;
      write(id, problem ?? (isShown ? notes.get(id) : undefined), problem !== undefined);
    }
  };

  const pathOf = (folder, file) => `${folder}/${[...file][0]}/${file}`;

  let archive = null;

  const showResult = () => {
    const [name, entry] = read();
    const file = `${entry.domain}.json`;
    const text = `${JSON.stringify({ [name]: entry }, null, 2)}\n`;
    const path = pathOf(entries, file);
    byId("path").textContent = path;
    byId("json").textContent = text;
    const files = [[path, new TextEncoder().encode(text)]];
    if (icon !== null) files.push([pathOf(icons, entry.img ?? `${entry.domain}.svg`), icon.bytes]);
    if (archive !== null) URL.revokeObjectURL(archive);
    archive = URL.createObjectURL(zip(files));
    const download = byId("download");
    Object.assign(download, { href: archive, download: `${entry.domain}.zip` });
    byId("file").textContent = download.download;
    const open = byId("open");
    if (open !== null) {
      const address = `${repository}/new/HEAD?filename=${encodeURIComponent(path)}&value=${encodeURIComponent(text)}`;
      open.href = address.length > MAX_URL_LENGTH ? `${repository}/new/HEAD?filename=${encodeURIComponent(path)}` : address;
    }
    const edit = byId("edit");
    if (edit !== null) edit.href = `${repository}/edit/HEAD/${path.split("/").map(encodeURIComponent).join("/")}`;
  };

  // What is shown depends on the answer, on the methods, on the icon, and on whether the site is new.
  const arrange = () => {
    const methods = valuesOf(byId("field-tfa"));
    const state = [answer(), edited === null ? "new" : "edit", icon === null ? "no-icon" : "icon", ...methods];
    const needsIcon = edited === null || edited.site?.img === null;
    if (needsIcon) state.push("needs-icon");
    for (const part of document.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").every((it) => state.includes(it));
  };

  const update = () => {
    arrange();
    const all = problems();
    showProblems(all);
    const isComplete = all.size === 0;
    if (!isComplete) result.hidden = true;
    if (!result.hidden) showResult();
    return all;
  };

  const submit = () => {
    for (const place of form.querySelectorAll("[id^=error-]")) visited.add(place.id.replace("error-", ""));
    const all = update();
    const status = byId("status");
    status.textContent = "";
    if (all.size > 0) {
      const first = [...form.querySelectorAll("[id^=error-]")].find((place) => all.has(place.id.replace("error-", "")));
      status.textContent = all.size === 1 ? "There is 1 problem." : `There are ${all.size} problems.`;
      const id = first?.id.replace("error-", "");
      const target = byId(`field-${id}`) ?? byId(id);
      target?.closest("details")?.setAttribute("open", "");
      (target?.matches("fieldset") ? target.querySelector("input, textarea") : target)?.focus();
      return;
    }
    result.hidden = false;
    showResult();
    byId("result-title").focus();
  };

  // Shows the values as they are written to the file.
  const tidy = (field) => {
    const values = valuesOf(field);
    const text = values.join("\n");
    if (values.length > 0 && text !== field.value.trim()) field.value = "list" in field.dataset ? text : values[0];
  };

  const chooseIcon = async (input) => {
    const file = input.files[0];
    const found = file === undefined ? { problem: undefined } : await readIcon(file);
    icon = found.problem === undefined && found.bytes !== undefined ? found : null;
    write("icon", found.problem, true);
    const domain = valuesOf(byId("field-domain"))[0];
    const img = byId("field-img");
    if (icon?.kind === "png") img.value = `${domain}.png`;
    else if (icon !== null && img.value === `${domain}.png`) img.value = "";
    update();
    const isLarge = icon?.kind === "svg" && icon.bytes.length > known.icon.bytes;
    byId("icon-status").textContent = icon === null ? "" : isLarge ? `Accepted. Reviewers may ask for a smaller file: this one is ${icon.bytes.length} bytes, more than ${known.icon.bytes}.` : "This icon can be used.";
  };

  // Editing ---------------------------------------------------------------------------------

  const setValue = (field, value) => {
    const values = [value].flat();
    if (field.matches("fieldset")) for (const box of field.querySelectorAll("input")) box.checked = values.includes(box.value);
    else field.value = values.join("\n");
  };

  const fill = ([name, { keywords, ...fieldsOfEntry }], site) => {
    const entry = { ...fieldsOfEntry, categories: keywords };
    edited = { entry, site };
    form.elements["has-2fa"].value = entry.tfa === undefined ? "no" : "yes";
    for (const field of fields) {
      const steps = field.dataset.pointer.split("/").slice(1);
      const value = steps.length === 0 ? name : steps.reduce((object, step) => object?.[step], entry);
      if (value === undefined) continue;
      setValue(field, value);
      field.closest("details")?.setAttribute("open", "");
    }
    byId("field-domain").readOnly = true;
    byId("edited").replaceChildren("You are correcting the published entry of ", make("bdi", {}, name), ".");
  };

  const prefill = async (typed) => {
    const domain = toDomain(typed.trim());
    const site = (sites ?? []).find((it) => domainsOf(it).includes(domain));
    byId("field-domain").value = site?.domain ?? domain;
    visited.add("domain");
    if (site === undefined || complete === undefined) return;
    const all = await get(complete);
    const pair = all.find(([, entry]) => entry.domain === site.domain);
    if (pair !== undefined) fill(pair, site);
  };

  const load = async () => {
    const orNull = (address) => (address === undefined ? null : get(address).catch(() => null));
    [schema, sites] = await Promise.all([form.dataset.schema, index].map(orNull));
    if (schema === null || sites === null) byId("unchecked").hidden = false;
    const asked = new URLSearchParams(location.search).get("domain");
    if (asked !== null) await prefill(asked).catch(() => {});
    update();
  };

  const setUp = () => {
    const loaded = load();
    form.addEventListener("input", update);
    form.addEventListener("change", ({ target }) => {
      const field = target.closest("[data-pointer], #has-2fa");
      if (field === null) return;
      visited.add(field.id === "has-2fa" ? "has-2fa" : idOf(field));
      if (field.matches("input, textarea") && field.id !== "has-2fa") tidy(field);
      update();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await loaded;
      submit();
    });
    byId("icon")?.addEventListener("change", ({ target }) => chooseIcon(target));
    update();
  };

  setUp();
})();
