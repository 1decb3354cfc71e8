import type { LocalRun } from '../local/runner';

const POLL_MS = 10;
const DEFAULT_WAIT_MS = 10_000;

/** Kills the processes at work for an action; waits until there is one. @returns how many */
export async function killAction(
  { host, functions }: Pick<LocalRun, 'host' | 'functions'>,
  action: string,
  timeoutMs = DEFAULT_WAIT_MS,
): Promise<number> {
  const { functionName } = functionOf(functions, action);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const victims = host.environments(functionName).filter(({ busy }) => busy);
    for (const { pid } of victims) process.kill(pid, 'SIGKILL');
    if (victims.length > 0) return victims.length;
    if (Date.now() > deadline) throw new Error(`no process has run ${action} within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The action's own function: the construct's path has its name. Sync actions run in the router. */
function functionOf(functions: LocalRun['functions'], action: string) {
  const own = functions.find(({ path }) => path.split('/').includes(action));
  if (own) return own;
  const paths = functions.map(({ path }) => path).join(', ');
  throw new Error(`no function of its own runs ${action}: ${paths}. Sync actions are run by the router`);
}
