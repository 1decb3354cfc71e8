// Replaces Lambda's runtime client. Like that client, it is an ES module that loads node:http with require (an import would also load undici), and
// then loads the function with import(). If the second argument is an event, it invokes the function once. In the last line it prints, as JSON, the
// CPU time that the process has used so far, and the answer. All built-in modules are loaded with require. If this file loaded more than the runtime
// client does, that would be missing from the function's share.
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
