const WHOLE = /^\$request\.body\.([\w.-]+)$/;
const PARTS = /\$\{request\.body\.([\w.-]+)\}/g;

/** Routes that a message cannot select. API Gateway itself calls some of them. */
const RESERVED = new Set(['$connect', '$disconnect', '$default', '']);

/**
 * Returns the route key of a message. The expression is `$request.body.a.b`, or a string with `${request.body.a.b}` in
 * it. It selects a value in the message's JSON body. If there is no route with this value, the key is `$default`.
 *
 * @returns undefined if there is no `$default` route either
 */
export function selectRoute(expression: string, body: string, routes: { has(key: string): boolean }) {
  const key = evaluate(expression, parseObject(body));
  if (!RESERVED.has(key) && routes.has(key)) return key;
  return routes.has('$default') ? '$default' : undefined;
}

function evaluate(expression: string, body: unknown): string {
  if (body === undefined) return '';
  const whole = WHOLE.exec(expression);
  if (whole) return valueAt(body, whole[1] as string);
  return expression.replace(PARTS, (_part, path: string) => valueAt(body, path));
}

/**
 * Returns a scalar value of the body as a string; any other value gives an empty string. Only own properties are read.
 */
function valueAt(body: unknown, path: string): string {
  let value = body;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return '';
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function parseObject(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
