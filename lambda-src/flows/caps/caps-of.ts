import type { CapConfig } from '../../../src/contract';
import { type Cap, capKey, type RequestItem } from '../../core';
import type { Json } from '../../protocol';
import type { Store } from '../ports';
import { hashOf } from '../requests/canonical';
import { storedInput } from '../requests/stored-request';

/** The caps that apply to a request. One by a property applies only to inputs that have the property. */
export async function capsOf(
  store: Pick<Store, 'get'>,
  configs: readonly CapConfig[],
  request: RequestItem,
): Promise<Cap[]> {
  const readsInput = configs.some(({ scope }) => scope === 'input');
  const input = readsInput ? await storedInput(store, request) : undefined;
  return configs.flatMap((config) => {
    const values = valuesOf(config, request, input);
    return values ? { key: capKey(request.action, config.scope, ...values), max: config.max } : [];
  });
}

/** The values that requests with a common cap have in common; undefined if the cap does not apply. */
function valuesOf(
  { scope, property = '' }: CapConfig,
  { tenant, user }: RequestItem,
  input: Json | undefined,
): string[] | undefined {
  if (scope === 'action') return [];
  if (scope === 'tenant') return [tenant];
  if (scope === 'user') return [tenant, user];
  const value = propertyOf(input, property);
  return value === undefined ? undefined : [tenant, property, hashOf(value)];
}

function propertyOf(input: Json | undefined, property: string): Json | undefined {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isObject && Object.hasOwn(input, property) ? input[property] : undefined;
}
