/** Whether every word of the query is in one of the fields, regardless of case. */
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

/** Log lines contain only the start of a random id: a search for the whole id must find those lines, too. */
function asInLines(word: string): string {
  return word.length > 16 ? `${word.slice(0, 8)}…` : word;
}
