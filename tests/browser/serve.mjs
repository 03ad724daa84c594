// Serves a build like a host that reads `_headers`, below the path of the API's URL.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

// The media types that hosts know; the rest is in `_headers`.
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".xml": "application/xml",
};

/** The rules in `_headers`: each has a pattern for the path below that of the API, and headers. */
function rulesOf(text) {
  const rules = [];
  // The first rule is for all files.
  const api = text.match(/^(\/.*)\*$/m)[1].length - 1;
  for (const line of text.split("\n")) {
    if (line.startsWith("/")) {
      const parts = line.slice(api).split("*").map((part) => part.replace(/[.\\^$+?()[\]{}|]/g, "\\$&"));
      rules.push({ pattern: new RegExp(`^${parts.join(".*")}$`), headers: [] });
    } else if (line.startsWith("  ")) {
      const [name, ...value] = line.trim().split(": ");
      rules.at(-1).headers.push([name, value.join(": ")]);
    }
  }
  return rules;
}

/**
 * A server on a free port of the loopback interface.
 *
 * @param {string} folder the build
 * @param {string} base the path of the build; begins and ends with a slash
 * @returns {Promise<{address: string, close: () => void}>} the URL ends with `base`
 */
export async function serve(folder, base) {
  const rules = rulesOf(readFileSync(join(folder, "_headers"), "utf8"));
  const read = (path) => {
    try {
      return readFileSync(join(folder, normalize(path.endsWith("/") ? `${path}index.html` : path)));
    } catch {
      return null;
    }
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = pathname.startsWith(base) ? pathname.slice(base.length - 1) : null;
    const found = path === null ? null : read(path);
    response.statusCode = found === null ? 404 : 200;
    response.setHeader("Content-Type", TYPES[found === null ? ".html" : extname(path) || ".html"] ?? "application/octet-stream");
    for (const { pattern, headers } of rules) {
      if (pattern.test(path ?? "/")) headers.forEach(([name, value]) => response.setHeader(name, value));
    }
    response.end(found ?? read("/404.html"));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${server.address().port}${base}`, close };
}
