// A scratch repository with the entries that the pages were built from, and the program that checks it.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const run = (program, args, cwd) => {
  const result = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (result.error !== undefined) throw result.error;
  return result;
};

const git = (folder, ...args) => {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
  const { status, stderr } = run("git", [...identity, ...args], folder);
  if (status !== 0) throw new Error(stderr);
};

/** The fields of an entry in the order in which it is written. */
const ORDER = ["domain", "additional-domains", "url", "img", "tfa", "custom-software", "custom-hardware", "documentation", "recovery", "notes", "contact", "categories", "regions"];
const CONTACT = ["email", "facebook", "twitter", "form", "language"];

const ordered = (object, names) => Object.fromEntries(names.filter((name) => object[name] !== undefined).map((name) => [name, object[name]]));

/** The file of an entry. */
export function fileOf(name, entry) {
  const contact = entry.contact && ordered(entry.contact, CONTACT);
  return `${JSON.stringify({ [name]: ordered({ ...entry, contact }, ORDER) }, null, 2)}\n`;
}

/** The field that a line of a file belongs to, such as `contact-email`; empty for the entry, `name` for its name. */
function fieldAt(text, line) {
  const lines = text.split("\n").slice(0, line).reverse();
  if (/^  ["}]/.test(lines[0])) return "name";
  const outer = /^    "([\w-]+)"/.exec(lines.find((it) => /^    "/.test(it)) ?? "")?.[1] ?? "";
  const inner = outer === "contact" ? /^      "([\w-]+)"/.exec(lines[0])?.[1] : undefined;
  return inner === undefined ? outer : `${outer}-${inner}`;
}

/** A copy of the root in a repository with one commit. */
export class Repository {
  constructor(root) {
    this.folder = mkdtempSync(join(tmpdir(), "form-"));
    for (const part of ["entries", "img", "schemas", "directory.toml"]) {
      if (existsSync(join(root, part))) cpSync(join(root, part), join(this.folder, part), { recursive: true });
    }
    git(this.folder, "init", "--quiet");
    git(this.folder, "add", ".");
    git(this.folder, "commit", "--quiet", "--message", "Base");
  }

  write(path, content) {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), content);
  }

  read(path) {
    return readFileSync(join(this.folder, path), "utf8");
  }

  reset() {
    git(this.folder, "reset", "--quiet", "--hard");
    git(this.folder, "clean", "--quiet", "-fd");
  }

  /** Runs the program, as a pull request does for `check`. */
  tfadir(...args) {
    return run(process.env.TFADIR, [...args, "--root", this.folder], this.folder);
  }

  /** The errors that the checks of a pull request find: rules, messages, and the fields they are about. */
  errors() {
    git(this.folder, "add", ".");
    const { stdout, stderr } = this.tfadir("check", "--changed-since", "HEAD", "--format", "json");
    if (stdout === "") throw new Error(stderr);
    const errors = JSON.parse(stdout).findings.filter(({ severity }) => severity === "error");
    return errors.map(({ rule, message, path, line }) => ({ rule, message, field: path.endsWith(".json") ? fieldAt(this.read(path), line ?? 1) : path }));
  }

  remove() {
    rmSync(this.folder, { recursive: true });
  }
}
