/**
 * Replaces each `${name}` in a template of `Fn::Sub`. `${!name}` becomes a literal `${name}`.
 *
 * @param lookup returns the string for a name, or throws
 */
export function substitute(template: string, lookup: (name: string) => string): string {
  return template.replace(/\$\{(!?)([^{}]*)\}/g, (_match, literal: string, name: string) =>
    literal === '!' ? `\${${name}}` : lookup(name.trim()),
  );
}
