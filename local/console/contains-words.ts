/** Whether every word of the text is in one of the fields, in upper or lower case. */
export function containsWords(text: string, fields: readonly (string | undefined)[]): boolean {
  const all = fields
    .filter((field) => field !== undefined)
    .join('\n')
    .toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word) || all.includes(asInLines(word)));
}

/** Lines of log name a random id by its beginning: a search for the whole id finds those lines, too. */
function asInLines(word: string): string {
  return word.length > 16 ? `${word.slice(0, 8)}…` : word;
}
