import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeProject } from './support/project';
import { WRONG_USES, type WrongUse } from './support/wrong-uses';

/** The page lists every wrong use that synthesis refuses, with its message. `STREAMER_UPDATE_DOCS=1` writes the page. */
const PAGE = path.join(__dirname, '../../docs/synth-errors.md');

const INTRODUCTION = `# What synthesis refuses

Synthesis fails for each wrong use on this page, with the message below its heading. In this way, errors are found before a deployment. A test provokes
all errors and generates this page (\`test/src/wrong-uses.test.ts\`). The page [troubleshooting](troubleshooting.md) explains errors at deployment and at run time.
`;

function messageOf({ provoke }: WrongUse): string {
  const projectRoot = makeProject();
  try {
    provoke(projectRoot);
  } catch (error) {
    return (error as Error).message.replaceAll(fs.realpathSync(projectRoot), '/app').replaceAll(projectRoot, '/app');
  }
  return 'nothing was refused';
}

const page = (messages: readonly string[]): string =>
  [INTRODUCTION, ...WRONG_USES.map(({ what }, i) => `## ${what}\n\n\`\`\`text\n${messages[i]}\n\`\`\`\n`)].join('\n');

describe('wrong uses', () => {
  const messages = WRONG_USES.map(messageOf);

  test('there are at least 40 wrong uses, all different', () => {
    expect(WRONG_USES.length).toBeGreaterThanOrEqual(40);
    expect(new Set(WRONG_USES.map(({ what }) => what)).size).toBe(WRONG_USES.length);
    expect(new Set(messages).size).toBe(WRONG_USES.length);
  });

  test.each(
    WRONG_USES.map(({ what }, i) => [what, messages[i]] as const),
  )('%s: the message names the property and the given value', (_what, message) => {
    expect(message).toMatch(/`[\w.[\]/ -]+` must .+, got: .+/s);
    expect(message).not.toMatch(/undefined is not|Cannot read prop|\[object Object\]|\$\{Token/);
  });

  test('the page lists them with their messages', () => {
    if (process.env.STREAMER_UPDATE_DOCS) fs.writeFileSync(PAGE, page(messages));
    expect(fs.readFileSync(PAGE, 'utf8')).toBe(page(messages));
  });
});
