import { createHash } from 'node:crypto';
import { Names } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Physical names of queues and functions that other functions find by name.
 *
 * A name is derived from the API and the action at synthesis. A function therefore needs no environment variable per action, and one statement on `<prefix>-*`
 * grants access to all of them.
 */

const PREFIX_CHARS = 28;
const ACTION_CHARS = 22;
const HASH_CHARS = 10;

/** Prefix of all names of one API, unique in its account and region: the stack's name and the path of the API are part of its hash. */
export const namePrefix = (api: IConstruct): string => Names.uniqueResourceName(api, { maxLength: PREFIX_CHARS });

/**
 * Name of a queue or function of one action, at most 62 characters: Lambda allows 64, SQS 80 including suffixes.
 *
 * @param place location of the action's resources. An action that moves to another stack gets another name, since CloudFormation creates the new resource
 *   before it deletes the old one
 */
export function actionName(prefix: string, action: string, place: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([action, place]))
    .digest('hex')
    .slice(0, HASH_CHARS);
  const readable = action.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, ACTION_CHARS);
  return `${prefix}-${readable}-${hash}`;
}

/** Name of the dead-letter queue that belongs to a queue. */
export const deadLetterName = (queueName: string): string => `${queueName}-dead`;
