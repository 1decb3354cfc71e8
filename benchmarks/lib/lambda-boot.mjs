// Stands for Lambda's runtime client: an ES module that takes node:http by require (an import would load undici too), then
// loads the function with import(). Prints what the process has used up to here, as JSON. Built-ins are all taken by
// require: what this file loads more than the runtime client does would be missing from the function's share.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('node:http');
const { pathToFileURL } = require('node:url');
const { handler } = await import(pathToFileURL(process.argv[2]).href);
const { user, system } = process.cpuUsage();
if (typeof handler !== 'function') throw new Error(`${process.argv[2]} exports no handler`);
require('node:fs').writeSync(1, JSON.stringify({ cpuMicroseconds: user + system }));
process.exit();
