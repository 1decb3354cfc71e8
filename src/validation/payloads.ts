import { RemovalPolicy, Size, SizeRoundingBehavior } from 'aws-cdk-lib';
import { BOUNDS } from '../contract';
import type { StreamerPayloads } from '../options/streamer-payloads';
import { reject } from './errors';
import {
  isAbsent,
  type PropNames,
  refuseUnknownProps,
  validateOneOf,
  validateOrigins,
  validateResource,
  validateSize,
} from './rules';

const PAYLOADS_PROPS: PropNames<StreamerPayloads> = { bucket: true, allowedOrigins: true, removalPolicy: true };

/** Refuses a bucket that cannot work, and options of a new bucket together with an existing one. */
export function validatePayloads(payloads: StreamerPayloads | undefined): void {
  if (isAbsent(payloads)) return;
  refuseUnknownProps(PAYLOADS_PROPS, 'payloads.', payloads);
  const { bucket, allowedOrigins, removalPolicy } = payloads;
  validateResource('payloads.bucket', bucket, 'bucketArn', 'bucket of S3');
  validateOrigins('payloads.allowedOrigins', allowedOrigins);
  validateOneOf('payloads.removalPolicy', removalPolicy, RemovalPolicy, 'RemovalPolicy.DESTROY');
  if (isAbsent(bucket)) return;
  for (const prop of ['allowedOrigins', 'removalPolicy'] as const) {
    if (isAbsent(payloads[prop])) continue;
    reject(`payloads.${prop}`, 'be left out if `payloads.bucket` is set', payloads[prop], 'Set it on the bucket');
  }
}

/** Sizes of inputs and results that an API or an action accepts. */
export interface PayloadSizes {
  readonly maxInputSize?: Size;
  readonly maxResultSize?: Size;
}

/** Requires sizes that fit into messages, or into the bucket of payloads if there is one. */
export function validatePayloadSizes(at: string, sizes: PayloadSizes, hasPayloads: boolean): void {
  validatePayloadSize(`${at}maxInputSize`, sizes.maxInputSize, BOUNDS.inputBytes, hasPayloads);
  validatePayloadSize(`${at}maxResultSize`, sizes.maxResultSize, BOUNDS.resultBytes, hasPayloads);
}

function validatePayloadSize(prop: string, size: Size | undefined, inMessage: number, hasPayloads: boolean): void {
  if (!hasPayloads) refuseWithoutBucket(prop, size, inMessage);
  validateSize(prop, size, 1, Size.bytes(hasPayloads ? BOUNDS.payloadBytes : inMessage));
}

function refuseWithoutBucket(prop: string, size: Size | undefined, max: number): void {
  const isSize = typeof size?.toBytes === 'function' && !size.isUnresolved();
  const bytes = isSize ? size.toBytes({ rounding: SizeRoundingBehavior.NONE }) : 0;
  if (Number.isNaN(bytes) || bytes <= max) return;
  const must = `be at most ${max / 1024} KiB for an API without \`payloads\``;
  const remedy = 'Set `payloads: {}` on the API, which creates a bucket for larger inputs and results';
  reject(prop, must, `${bytes} bytes`, remedy);
}
