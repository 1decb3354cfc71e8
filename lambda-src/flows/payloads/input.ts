import type { PayloadObject } from '../../core';
import { checkStructure, type Json, StreamerError } from '../../protocol';
import type { Deps } from '../ports';
import { payloadsOf, readPayload } from './read';

/**
 * Returns an uploaded input. It is checked by the rules for an input in a message, because no function has read it before.
 *
 * @throws StreamerError `INVALID_INPUT` if it is not such an input, or not stored any more
 */
export async function uploadedInput(deps: Pick<Deps, 'payloads'>, object: PayloadObject): Promise<Json> {
  const text = await textOf(deps, object);
  if (text === undefined) throw expired();
  const value = parsed(text);
  const fault = checkStructure(value);
  if (fault) throw invalid(`breaks a rule of messages: ${fault.path} ${fault.reason}`);
  return value;
}

/** Returns the bytes of an uploaded input, as they arrive. @throws StreamerError `INVALID_INPUT` if the input is not stored any more */
export async function* uploadedBytes(deps: Pick<Deps, 'payloads'>, object: PayloadObject): AsyncGenerator<Uint8Array> {
  const stream = await payloadsOf(deps).stream(object);
  if (!stream) throw expired();
  yield* stream;
}

async function textOf(deps: Pick<Deps, 'payloads'>, object: PayloadObject): Promise<string | undefined> {
  try {
    return await readPayload(deps, object);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw invalid('is not UTF-8', error);
    throw error;
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    // The error of `JSON.parse` quotes the input, which must not be logged.
    throw invalid('is not JSON');
  }
}

const expired = (): StreamerError => invalid('is not stored any more, because its retention is over');

const invalid = (problem: string, cause?: unknown): StreamerError =>
  new StreamerError('INVALID_INPUT', `The uploaded input ${problem}.`, { cause });
