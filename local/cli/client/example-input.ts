import { oneLine } from '../../emulator/text/printable';
import { PATHS } from '../../run/http/endpoints';
import type { CliIo } from '../command';
import { findTarget, type TargetOptions } from './target';

/** Maximum time in milliseconds to wait for the run's answer. To answer, the run loads the module with the schema. */
const ANSWER_MS = 15_000;

/**
 * Asks the local run for an input that the schema of an action accepts, and prints this input on stderr.
 *
 * @throws Error if there is no local run or no example
 */
export async function exampleInput(
  action: string,
  target: TargetOptions,
  { cwd, tell }: Pick<CliIo, 'cwd' | 'tell'>,
): Promise<unknown> {
  const { endpoint, actions = [] } = await findTarget(target, cwd);
  if (endpoint === undefined) throw new Error('--example needs a local run: it cannot be given with --url and --token');
  if (!actions.includes(action)) throw new Error(oneLine(`there is no action ${action}. ${known(actions)}`));
  const url = `${endpoint}${PATHS.console}/api/example?action=${encodeURIComponent(action)}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  const { input, reason } = (await response.json()) as { readonly input?: unknown; readonly reason?: string };
  if (input === undefined)
    throw new Error(oneLine(`${action} has no example input: ${reason ?? 'its schema is not known'}`));
  tell(oneLine(`input ${JSON.stringify(input)}`));
  return input;
}

const known = (actions: readonly string[]): string =>
  actions.length === 0 ? 'The app has no actions' : `The app's actions: ${actions.join(', ')}`;
