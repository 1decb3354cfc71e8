/**
 * Replaces each `${name}` of a `Fn::Sub` template. `${!name}` is the way to write a literal `${name}`.
 *
 * @param lookup gives the text for a name, or throws
 */
export function substitute(template: string, lookup: (name: string) => string): string {
  return template.replace(/\$\{(!?)([^{}]*)\}/g, (_match, literal: string, name: string) =>
    literal === '!' ? `\${${name}}` : lookup(name.trim()),
  );
}
