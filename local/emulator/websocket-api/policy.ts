/** The parts of a policy statement that an authorizer's answer uses. */
interface Statement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
}

/**
 * Whether a policy document allows `execute-api:Invoke` for an ARN: at least one `Allow` statement must match, and no
 * `Deny` statement may match. Conditions are not evaluated.
 */
export function policyAllows(document: unknown, arn: string): boolean {
  const matching = statementsOf(document).filter((statement) => matches(statement, arn));
  const effects = matching.map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

function statementsOf(document: unknown): Statement[] {
  return listOf((document as { Statement?: unknown } | undefined)?.Statement) as Statement[];
}

function matches(statement: Statement, arn: string): boolean {
  const action = listOf(statement?.Action).some((pattern) => like(String(pattern).toLowerCase(), 'execute-api:invoke'));
  return action && listOf(statement?.Resource).some((pattern) => like(String(pattern), arn));
}

function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Whether a string matches a pattern with IAM's wildcards: `*` for any string, `?` for any character. */
function like(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
}
