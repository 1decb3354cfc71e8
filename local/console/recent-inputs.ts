import { REQUESTS } from '../../src/contract';
import type { Dynamo } from './dynamo';
import type { FrameLog } from './frame-log';
import type { RequestIndex, TrackedRequest } from './request-index';
import { fromText, isRequest } from './streamer-format';
import type { Json, RecentInputs } from './types';

const SHOWN = 8;
/** Maximum number of stored requests whose inputs are read. */
const READ = 20;

export interface InputSources {
  readonly frames: Pick<FrameLog, 'inputsOf'>;
  readonly requests: Pick<RequestIndex, 'all'>;
  readonly dynamo: Pick<Dynamo, 'get'>;
}

/**
 * Returns the last distinct inputs of an action, latest first. Inputs in recorded frames come first. Only frames
 * contain the inputs of sync actions. Inputs of stored requests follow, which are still available after a restart.
 */
export async function recentInputs(action: string, { frames, requests, dynamo }: InputSources): Promise<RecentInputs> {
  const sent = frames.inputsOf(action);
  const stored = requests
    .all()
    .filter(({ item }) => item.action === action)
    .slice(-READ)
    .reverse();
  const read = sent.length >= SHOWN ? [] : await Promise.all(stored.map((tracked) => storedInput(tracked, dynamo)));
  const all = [...sent, ...read].filter((input) => input !== undefined);
  return { inputs: [...new Map(all.map((input) => [JSON.stringify(input), input])).values()].slice(0, SHOWN) };
}

async function storedInput(
  { requestsTable, item }: TrackedRequest,
  dynamo: InputSources['dynamo'],
): Promise<Json | undefined> {
  const stored = await dynamo.get(requestsTable, { [REQUESTS.partitionKey]: { S: item.requestKey } });
  // a large input is stored in a separate item, and it is too large for a form
  return stored && isRequest(stored) ? fromText(stored.input) : undefined;
}
