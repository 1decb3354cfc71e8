/**
 * The program of a function's process. It loads the handler, then processes events from the Runtime API one after the
 * other. It is bundled into one file and imports only built-in modules, so that a function starts almost as fast as
 * Node.js itself.
 */
import { Socket } from 'node:net';
import { callHandler } from './client/call-handler';
import { RuntimeFailure, toRuntimeError } from './client/errors';
import { type Handler, loadHandler } from './client/load-handler';
import { type Invocation, RuntimeApi } from './client/runtime-api';

/** Exit status of Lambda for an error that no handler caught. */
const UNCAUGHT = 129;

/** Number of an inherited pipe. The pipe closes when the host ends, even if the host was killed. */
const HOST_PIPE = 3;

/** Current invocation; `init` before the first request for an event, undefined while such a request waits. */
let current: Invocation | 'init' | undefined = 'init';

async function run(api: RuntimeApi): Promise<void> {
  const handler = await loadOrReport(api);
  for (;;) {
    current = undefined;
    const invocation = await api.next();
    current = invocation;
    await serve(api, handler, invocation);
  }
}

async function loadOrReport(api: RuntimeApi): Promise<Handler> {
  try {
    return await loadHandler(process.env.LAMBDA_TASK_ROOT ?? process.cwd(), process.env._HANDLER ?? '');
  } catch (error) {
    console.error(error);
    await api.failInit(toRuntimeError(error));
    return process.exit(1);
  }
}

async function serve(api: RuntimeApi, handler: Handler, invocation: Invocation): Promise<void> {
  process.env._X_AMZN_TRACE_ID = invocation.traceId ?? '';
  let body: string;
  try {
    body = serialize(await callHandler(handler, invocation));
  } catch (error) {
    console.error(error);
    await api.fail(invocation.requestId, toRuntimeError(error));
    return;
  }
  await api.respond(invocation.requestId, body);
}

function serialize(result: unknown): string {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch (error) {
    throw new Error(`The response cannot be written as JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** Reports an error that occurred outside of the handler, and ends the process, because its state may be invalid. */
function reportAndExit(api: RuntimeApi, failure: unknown): void {
  console.error(failure);
  const exit = () => process.exit(UNCAUGHT);
  if (current === undefined) {
    exit();
    return;
  }
  const error = toRuntimeError(failure);
  const reported = current === 'init' ? api.failInit(error) : api.fail(current.requestId, error);
  reported.then(exit, endGroup);
}

function exitWithHost(): void {
  const pipe = new Socket({ fd: HOST_PIPE, readable: true, writable: false });
  pipe.on('error', endGroup).on('close', endGroup);
  pipe.resume();
  pipe.unref();
}

/**
 * Ends this process and all processes that the handler started. They are one process group, and this process is its
 * leader. The function is called when the host has ended: the pipe closes, or a call of the Runtime API fails. If only
 * this process exited, the other processes would continue, because no host ends them any more.
 */
function endGroup(): void {
  process.kill(-process.pid, 'SIGKILL');
}

const api = new RuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API ?? '127.0.0.1:9001');
process.on('uncaughtException', (error) => reportAndExit(api, error));
process.on('unhandledRejection', (reason) => {
  reportAndExit(api, new RuntimeFailure('Runtime.UnhandledPromiseRejection', String(reason), reason));
});
exitWithHost();
run(api).catch(endGroup);
