import type { LocalRun } from '../local/run';

const POLL_MS = 10;
const DEFAULT_WAIT_MS = 10_000;

/**
 * Kills the processes that run an action. If no process runs the action, the function waits for one.
 *
 * @returns the number of killed processes
 */
export async function killAction(
  { host, functions }: Pick<LocalRun, 'host' | 'functions'>,
  action: string,
  timeoutMs = DEFAULT_WAIT_MS,
): Promise<number> {
  const { functionName } = functionOf(functions, action);
  const busy = () => host.environments(functionName).filter((environment) => environment.busy);
  const found = await until(() => busy().length > 0, timeoutMs);
  if (!found) throw new Error(`no process has run ${action} within ${timeoutMs} ms`);
  const victims = busy().map(({ pid }) => pid);
  for (const pid of victims) process.kill(pid, 'SIGKILL');
  await until(() => !host.environments(functionName).some(({ pid }) => victims.includes(pid)), DEFAULT_WAIT_MS);
  return victims.length;
}

/**
 * Waits until a condition is true.
 *
 * @returns whether it became true within the time limit
 */
async function until(probe: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!probe()) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}

/** Finds the function of an async action by its construct path. Sync actions run in the router. */
function functionOf(functions: LocalRun['functions'], action: string) {
  const own = functions.find(({ path }) => path.split('/').includes(action));
  if (own) return own;
  const paths = functions.map(({ path }) => path).join(', ');
  throw new Error(`no separate function runs ${action}: ${paths}. The router runs sync actions`);
}
