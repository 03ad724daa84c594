// Imports the sample for browsers as a page would.
import { supportsTotp } from "./lookup.mjs";

const domain = process.argv[2] ?? "example.com";
const shown = domain.toLowerCase().replace(/\.$/, "");
const said = { true: "supports TOTP", false: "does not support TOTP", undefined: "is not listed" };
console.log(`${shown} ${said[await supportsTotp(domain)]}`);
