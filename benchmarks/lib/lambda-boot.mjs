// Stands for Lambda's runtime client: an ES module that takes node:http by require (an import would load undici too), then
// loads the function with import(). With an event as second argument it invokes the function once. Prints the CPU time that the
// process has used up to here, and the answer, as JSON in the last line. Built-ins are all taken by
// require: what this file loads more than the runtime client does would be missing from the function's share.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('node:http');
const { pathToFileURL } = require('node:url');
const { handler } = await import(pathToFileURL(process.argv[2]).href);
if (typeof handler !== 'function') throw new Error(`${process.argv[2]} exports no handler`);
const event = process.argv[3];
const answer = event && (await handler(JSON.parse(event), {}));
const { user, system } = process.cpuUsage();
require('node:fs').writeSync(1, `\n${JSON.stringify({ cpuMicroseconds: user + system, answer })}`);
process.exit();
