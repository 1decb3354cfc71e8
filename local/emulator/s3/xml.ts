const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const CHARACTERS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ENTITIES).map(([character, entity]) => [entity, character]),
);

const escapeText = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]);

const unescapeText = (text: string) =>
  text
    .replace(/&#(x?)([0-9a-f]+);/gi, (_match, hex, digits) =>
      String.fromCodePoint(Number.parseInt(digits, hex ? 16 : 10)),
    )
    .replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => CHARACTERS[entity]);

/** Content of an XML element: a string, child elements, or several elements with the same name. */
export type XmlContent = string | number | boolean | undefined | XmlElements | readonly XmlElements[];
export interface XmlElements {
  readonly [name: string]: XmlContent;
}

function element(name: string, content: XmlContent): string {
  if (content === undefined) return '';
  if (Array.isArray(content)) return content.map((item) => element(name, item)).join('');
  const inner = typeof content === 'object' ? children(content as XmlElements) : escapeText(String(content));
  return `<${name}>${inner}</${name}>`;
}

const children = (elements: XmlElements) =>
  Object.entries(elements)
    .map(([name, content]) => element(name, content))
    .join('');

export function xmlDocument(root: string, elements: XmlElements, namespace?: string): string {
  const attribute = namespace ? ` xmlns="${namespace}"` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${children(elements)}</${root}>`;
}

/**
 * Returns the content of each element with this name, including markup. This is sufficient, because clients send only
 * documents without deep nesting.
 */
export function textsOf(xml: string, name: string): string[] {
  const pattern = new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g');
  return [...xml.matchAll(pattern)].map(([, inner]) => (inner.includes('<') ? inner : unescapeText(inner)));
}
