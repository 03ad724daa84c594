// The form for a new entry: writes the file as `tfadir fmt` does, and checks it against the entry schema. The rest of
// the page is complete without this script. Data is inserted as text, never as markup.
"use strict";

(() => {
  const form = document.querySelector("#entry");
  const result = document.querySelector("#result");
  const [path, json, status, list, open] = ["path", "json", "status", "problems", "open"].map((id) => document.getElementById(id));

  // GitHub refuses longer URLs.
  const MAX_URL_LENGTH = 8000;

  // Reading the form ------------------------------------------------------------------------

  const valueOf = (field) => {
    const given = field.matches("fieldset") ? [...field.querySelectorAll(":checked")].map((box) => box.value) : field.value.split("\n");
    const values = given.map((value) => value.trim()).filter((value) => value !== "");
    return "list" in field.dataset ? values : values.slice(0, 1);
  };

  // The object in the file. Fields are in the schema's order, as on the page.
  const read = () => {
    const entry = {};
    let name = "";
    for (const field of form.querySelectorAll("[data-pointer]")) {
      const values = valueOf(field);
      const value = "list" in field.dataset ? values : values[0];
      const steps = field.dataset.pointer.split("/").slice(1);
      const last = steps.pop();
      if (values.length === 0) continue;
      if (last === undefined) name = value;
      else steps.reduce((object, step) => (object[step] ??= {}), entry)[last] = value;
    }
    return [name, entry];
  };

  // Checking --------------------------------------------------------------------------------

  const FORMATS = {
    hostname: /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/,
    uri: /^[a-z][a-z0-9+.-]*:([\w.~:/?#[\]@!$&'()*+,;=-]|%[0-9a-f]{2})+$/i,
    email: /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)*$/i,
  };

  const article = (noun) => (/^[aeiou]/i.test(noun) ? "an " : "a ") + noun;

  // The problems of a value: for each, the path to the field and a sentence. Keywords that the form cannot violate, such
  // as `type`, are left out. `about` is the nearest description.
  const check = (root, schema, value, at = [], about = "") => {
    if (schema === false) return [{ at, text: about }];
    about = schema.description ?? about;
    const inner = (part, inside = value, where = at) => check(root, part, inside, where, about);
    const fits = (part) => inner(part).length === 0;
    const every = (parts) => parts.flatMap((part) => inner(part));
    const when = (isWrong, text, where = at) => (isWrong ? [{ at: where, text }] : []);
    const found = [];

    if (schema.$ref) found.push(...inner(schema.$ref.split("/").slice(1).reduce((place, step) => place[step], root)));
    if (schema.const !== undefined) found.push(...when(value !== schema.const, about));
    found.push(...every(schema.allOf ?? []));
    for (const [keyword, isRight] of [["anyOf", (fitting) => fitting > 0], ["oneOf", (fitting) => fitting === 1]]) {
      if (schema[keyword]) found.push(...when(!isRight(schema[keyword].filter(fits).length), about));
    }
    if (schema.not) found.push(...when(fits(schema.not), about));
    if (schema.if) found.push(...inner(fits(schema.if) ? schema.then : schema.else));

    if (typeof value === "string") {
      const length = [...value].length;
      const isShort = length < (schema.minLength ?? 0);
      const patterns = [new RegExp(schema.pattern ?? "", "u"), FORMATS[schema.format] ?? /^/];
      const isWrong = length > (schema.maxLength ?? length) || !patterns.every((pattern) => pattern.test(value));
      if (value === "") found.push(...when(isShort, "This field is missing."));
      else if (isShort) found.push(...when(true, `The text is shorter than ${schema.minLength} characters.`));
      else found.push(...when(isWrong, `This is not ${article(schema.title ?? "value")}. ${about}`));
    } else if (Array.isArray(value)) {
      const items = schema.items ?? {};
      found.push(...value.flatMap((item) => inner(items, item)));
      if (schema.contains) found.push(...when(!value.some((item) => inner(schema.contains, item).length === 0), about));
      if (schema.uniqueItems) found.push(...when(new Set(value).size < value.length, "A value is repeated."));
    } else {
      const properties = schema.properties ?? {};
      for (const name of schema.required ?? []) found.push(...when(!Object.hasOwn(value, name), "This field is missing.", [...at, name]));
      for (const [name, others] of Object.entries(schema.dependentRequired ?? {})) {
        const isAlone = Object.hasOwn(value, name) && others.some((other) => !Object.hasOwn(value, other));
        found.push(...when(isAlone, about, [...at, name]));
      }
      for (const [name, field] of Object.entries(value)) {
        if (schema.propertyNames) found.push(...inner(schema.propertyNames, name, ["name"]));
        const part = Object.hasOwn(properties, name) ? properties[name] : schema.additionalProperties;
        // The form is about one site, so the path begins in its entry.
        if (part !== undefined) found.push(...inner(part, field, schema.propertyNames ? at : [...at, name]));
      }
    }
    return found;
  };

  const problemsOf = (schema, file) => {
    const found = check(schema, schema, file).map(({ at, text }) => ({ id: at.join("-"), text }));
    return found.filter(({ id, text }, index) => found.findIndex((other) => other.id === id && other.text === text) === index);
  };

  // Showing ---------------------------------------------------------------------------------

  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // Descriptions are Markdown with code only.
  const marked = (text) => text.split("`").map((part, index) => (index % 2 === 1 ? make("code", {}, part) : part));

  const show = (schema) => {
    const [name, entry] = read();
    const file = { [name]: entry };
    const domain = entry.domain ?? "";
    path.textContent = `${form.dataset.entries}/${[...domain][0] ?? "…"}/${domain || "…"}.json`;
    json.textContent = `${JSON.stringify(file, null, 2)}\n`;

    const problems = schema === null ? [] : problemsOf(schema, file);
    const items = problems.map(({ id, text }) => {
      const field = document.getElementById(`field-${id}`);
      const link = field === null ? [] : [make("a", { href: `#field-${id}` }, id), ": "];
      return make("li", {}, ...link, ...marked(text));
    });
    list.replaceChildren(...items);
    for (const field of form.querySelectorAll("input[data-pointer], textarea")) {
      const isWrong = field.value !== "" && problems.some(({ id }) => field.id === `field-${id}`);
      field.setAttribute("aria-invalid", String(isWrong));
    }
    const number = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const found = problems.length > 0 ? `${number} left:` : "No problems. The checks of your pull request also compare it with other entries.";
    const said = schema === null ? "The schema could not be loaded, so this is not checked." : found;
    if (status.textContent !== said) status.textContent = said;
    if (open !== null) {
      open.href = `${form.dataset.repository}?filename=${encodeURIComponent(path.textContent)}&value=${encodeURIComponent(json.textContent)}`;
      open.hidden = problems.length > 0 || open.href.length > MAX_URL_LENGTH;
    }
  };

  const setUp = async () => {
    let schema = null;
    try {
      schema = await (await fetch(form.dataset.schema)).json();
    } catch {
      // `show` says so.
    }
    form.addEventListener("input", () => show(schema));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      json.parentElement.focus();
    });
    show(schema);
    form.hidden = false;
    result.hidden = false;
  };

  setUp();
})();
