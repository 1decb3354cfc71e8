/** Returns a command line that sends the same request. */
export function requestCommand({
  action,
  input,
  url,
  user,
  tenant,
}: {
  readonly action: string;
  /** Input as a JSON string; an empty string means no input. */
  readonly input: string;
  readonly url: string;
  readonly user?: string;
  readonly tenant?: string;
}): string {
  return [
    'npx cdk-streamer request',
    quote(action),
    ...(input.trim() === '' ? [] : [quote(compact(input))]),
    `--url ${quote(url)}`,
    ...(user ? [`--user ${quote(user)}`] : []),
    ...(tenant ? [`--tenant ${quote(tenant)}`] : []),
  ].join(' ');
}

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text.trim();
  }
}

/** Quotes an argument for a POSIX shell. An argument without special characters is returned unchanged. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}
