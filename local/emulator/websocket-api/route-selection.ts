const WHOLE = /^\$request\.body\.([\w.-]+)$/;
const PARTS = /\$\{request\.body\.([\w.-]+)\}/g;

/** Routes that API Gateway calls by itself; a message cannot name them. */
const RESERVED = new Set(['$connect', '$disconnect', '$default', '']);

/**
 * The route key of a message: the value that the expression (`$request.body.a.b`, or a string with
 * `${request.body.a.b}` in it) selects in its JSON body, if such a route exists, else `$default`.
 *
 * @returns undefined when there is no `$default` either
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

/** A scalar in the body, as text; anything else selects nothing. Only own properties count. */
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
