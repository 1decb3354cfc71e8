import type { AcceptConfig } from '../../../src/contract';
import { checkStart } from '../../core';
import {
  type ClientMessage,
  type Json,
  type PayloadDigest,
  type RefusalFrame,
  type RequestMessage,
  refusalFrame,
  type ServerMessage,
  StreamerError,
  validateMessage,
} from '../../protocol';
import { type Connection, hasExpired } from '../connect/connection';
import type { RunHandler } from '../handlers/context';
import { checkInputSize, parseInput, type SchemaSource } from '../handlers/input';
import { runSync } from '../handlers/sync-run';
import { isHidden, publicError } from '../handlers/thrown';
import { answerUpload, findUpload } from '../payloads/upload';
import type { Deps } from '../ports';
import type { TopicClientMessage } from '../topics/topics';
import { acceptRequest } from './accept';
import { attach } from './attach';
import { answerCancel } from './cancel';
import { listRequests } from './list';
import { type ActionWithMessages, schemasIn, sendToRequest } from './send';

/** An action, with the values that the router needs to serve it. */
export type Action =
  | { readonly kind: 'sync'; readonly schema?: SchemaSource; readonly run: RunHandler }
  | (ActionWithMessages &
      AcceptConfig & {
        readonly kind: 'async';
        readonly schema?: SchemaSource;
      });

/** Function that answers a message about a topic. */
export type AnswerTopic = (deps: Deps, connection: Connection, message: TopicClientMessage) => Promise<ServerMessage>;

export interface RouteDeps extends Deps {
  readonly actions: ReadonlyMap<string, Action>;
  /** The function that answers messages about topics; undefined if the API has no topics. */
  readonly topics?: AnswerTopic;
  /** Timeout of a sync handler in milliseconds. */
  readonly syncTimeoutMs: number;
}

/** Answers one frame of a client. The answer is always a frame. */
export async function route(deps: RouteDeps, connection: Connection, body: string): Promise<ServerMessage> {
  const validated = validateMessage(body, 'client');
  if (!validated.ok) return logged(deps, refusalFrame(validated.error, validated));
  const message = validated.message as ClientMessage;
  try {
    checkToken(deps, connection);
    return await answer(deps, connection, message);
  } catch (thrown) {
    const error = publicError(deps.log, 'a message failed', thrown).toWire();
    const refusal = refusalFrame(error, { ...namesOf(message), for: message.type });
    return isHidden(thrown) ? refusal : logged(deps, refusal, message);
  }
}

/**
 * Logs the code of a refusal and the names in the message. The refusal's message is not logged, because it may contain values of the input, which are
 * private to the client.
 */
function logged({ log }: Deps, refusal: RefusalFrame, message?: ClientMessage): RefusalFrame {
  const { id, topic, error } = refusal;
  log.info(`refused: ${error.code}`, {
    ...(id !== undefined && { id }),
    ...(topic !== undefined && { topic }),
    ...(message && 'action' in message && { action: message.action }),
  });
  return refusal;
}

/** Returns the fields by which a client identifies its message. */
const namesOf = (message: ClientMessage) => ({
  ...('id' in message && { id: message.id }),
  ...('topic' in message && { topic: message.topic }),
});

function checkToken(deps: Deps, connection: Connection): void {
  if (hasExpired(connection, deps.platform.now())) {
    throw new StreamerError('TOKEN_EXPIRED', 'The token of this connection has expired. Connect with a new one.');
  }
}

async function answer(deps: RouteDeps, connection: Connection, message: ClientMessage): Promise<ServerMessage> {
  switch (message.type) {
    case 'ping':
      return { type: 'pong', ...(message.id !== undefined && { id: message.id }) };
    case 'attach':
      return attach(deps, connection, message);
    case 'list':
      return { type: 'requests', id: message.id, ...(await listRequests(deps, connection, message)) };
    case 'input':
      return sendToRequest(deps, connection, message, schemasIn(deps.actions));
    case 'cancel':
      return answerCancel(deps, connection, message);
    case 'upload':
      return answerUpload(deps, connection, message, actionOf(deps, message.action));
    case 'request':
      return answerRequest(deps, connection, message);
    case 'subscribe':
    case 'unsubscribe':
    case 'publish':
      if (!deps.topics) throw unsupported(`The message type ${message.type}`);
      return deps.topics(deps, connection, message);
    default:
      throw unsupported(`The message type ${message.type}`);
  }
}

const unsupported = (what: string): StreamerError =>
  new StreamerError('UNSUPPORTED_TYPE', `${what} is part of the protocol, but this server does not serve it.`);

async function answerRequest(deps: RouteDeps, connection: Connection, message: RequestMessage): Promise<ServerMessage> {
  const action = actionOf(deps, message.action);
  checkStart(message, action, deps.platform.now());
  const { upload } = message;
  if (upload) return acceptUploaded(deps, connection, { ...message, upload }, action);
  checkInputSize(message.input, action, deps.limits);
  const input = await parseInput(action.schema, message.input);
  if (action.kind === 'async') return acceptRequest(deps, connection, message, action);
  return runAction(deps, connection, message, action.run, input);
}

function actionOf({ actions }: RouteDeps, name: string): Action {
  const action = actions.get(name);
  if (!action) throw new StreamerError('UNKNOWN_ACTION', `There is no action ${name}.`);
  return action;
}

/** Accepts a request whose input was uploaded. The processor validates the input, because the router does not read it. */
async function acceptUploaded(
  deps: RouteDeps,
  connection: Connection,
  message: RequestMessage & { readonly upload: PayloadDigest },
  action: Action,
): Promise<ServerMessage> {
  if (action.kind === 'async') {
    return acceptRequest(deps, connection, message, action, await findUpload(deps, connection, message, action));
  }
  throw new StreamerError('INVALID_INPUT', `The input of the sync action ${message.action} must be in its message.`);
}

/**
 * Runs an action. From here on, failures are those of the action. They are marked, because a handler may choose the same codes as the server.
 */
async function runAction(
  deps: RouteDeps,
  connection: Connection,
  message: RequestMessage,
  run: RunHandler,
  input: unknown,
): Promise<ServerMessage> {
  const { id } = message;
  try {
    return { type: 'response', id, result: await resultOf(deps, connection, message, run, input) };
  } catch (thrown) {
    return {
      ...refusalFrame(publicError(deps.log, 'a message failed', thrown).toWire(), { id, for: 'request' }),
      ran: true,
    };
  }
}

async function resultOf(
  deps: RouteDeps,
  { tenant, user }: Connection,
  { id, action }: RequestMessage,
  run: RunHandler,
  input: unknown,
): Promise<Json> {
  const { syncTimeoutMs: timeoutMs } = deps;
  const deadline = deps.platform.now() + timeoutMs;
  return JSON.parse(await runSync(deps, run, { id, action, input, identity: { tenant, user }, deadline, timeoutMs }));
}
