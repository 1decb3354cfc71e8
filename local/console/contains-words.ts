/** Whether each word of the query is in one of the fields. Upper and lower case are treated as equal. */
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

/** Shortens a random id as log lines do, so that a search for the whole id finds these lines, too. */
function asInLines(word: string): string {
  return word.length > 16 ? `${word.slice(0, 8)}…` : word;
}
