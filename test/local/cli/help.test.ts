import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../../../local/cli/commands';
import { commandHelp, generalHelp } from '../../../local/cli/help';
import { ROOT } from './support';

const page = readFileSync(join(ROOT, 'docs/cli.md'), 'utf8');

test('the page shows what --help prints', () => {
  expect(page).toContain(generalHelp(COMMANDS));
});

test.each(
  COMMANDS.map((command) => [command.name, command] as const),
)('the page shows the help of %s', (name, command) => {
  expect(page).toContain(`## ${name}\n\n\`\`\`text\n${commandHelp(command)}\n\`\`\`\n`);
});

test('no line of the help is wider than a terminal of 120 columns', () => {
  const lines = [generalHelp(COMMANDS), ...COMMANDS.map(commandHelp)].flatMap((text) => text.split('\n'));

  expect(lines.filter((line) => line.length > 120)).toEqual([]);
});
